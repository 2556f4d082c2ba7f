import { expect, it } from 'vitest';
import { askedFor, scraped } from './promql.js';

const plain = (expression: string) => {
  const { selected, grouped } = askedFor(expression);
  return { selected: [...selected].map(([name, labels]) => [name, [...labels]]), grouped: [...grouped] };
};

it('finds metrics and labels wherever they stand', () => {
  expect(
    plain(
      'histogram_quantile(0.99, sum by (le, stage) (rate(a_bucket{method=~".+/(X|Y)", code!="{"}[5m] offset 6h))) > 2',
    ),
  ).toEqual({ selected: [['a_bucket', ['method', 'code']]], grouped: ['le', 'stage'] });
  expect(
    plain('abs(a / b{x="1"} - b{y="2"} offset 1d) > 0.1 and sum by (z) (increase(c[6h])) > 2e2'),
  ).toEqual({
    selected: [
      ['a', []],
      ['b', ['x', 'y']],
      ['c', []],
    ],
    grouped: ['z'],
  });
});

it('reads a scrape', () => {
  const text =
    '# HELP a help{x="1"}\n# TYPE a counter\na{x="1",y="{z=\\"2\\",}"} 3\n# TYPE h histogram\nh_bucket{le="1"} 0\n# TYPE none gauge\n';
  expect([...scraped(text)].map(([name, labels]) => [name, [...labels]])).toEqual([
    ['a', ['x', 'y']],
    ['h_bucket', ['le']],
    ['h_sum', []],
    ['h_count', []],
    ['none', []],
  ]);
});
