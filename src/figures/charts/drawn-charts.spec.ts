import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';

import type { Chart } from './chart.js';
import { chartCsv } from './chart-csv.js';
import { detChart } from './det-chart.js';
import { drawChart, type DrawingDocument } from './draw-chart.js';
import { intervalChart } from './interval-chart.js';
import { lineChart } from './line-chart.js';
import { rocChart } from './roc-chart.js';
import { shareChart } from './share-chart.js';
import { similarityChart } from './similarity-chart.js';
import { standaloneDrawing } from './standalone-drawing.js';

const document: DrawingDocument = parseHTML('<html></html>').document;
const step = { label: 'step', format: 'number' } as const;
const accuracy = { label: 'accuracy', format: 'percent' } as const;
const name = 'a model whose name goes on and on, <b>bold</b> & "quoted"';
const series = (...values: readonly number[]) => ({ name, points: values.map((y, x) => ({ x, y })) });
const lines = (...all: readonly ReturnType<typeof series>[]) =>
  lineChart({ title: 'Curves', x: step, y: accuracy, series: all });
const curve = {
  name,
  points: Array.from({ length: 30 }, (_, index) => ({
    falseMatchRate: 10 ** (-3 + index / 10),
    trueAcceptRate: Math.min(1, 0.9 + index / 250),
  })),
  intervals: [1e-3, 1e-2].map((falseMatchRate) => ({ falseMatchRate, lower: 0.85, upper: 0.95 })),
};
const perfect = { name, points: curve.points.map((point) => ({ ...point, trueAcceptRate: 1 })) };
const counts = { genuine: [0, 1, 3, 9], impostor: [2, 8, 1, 0] };

const charts: Readonly<Record<string, Chart>> = {
  'curves of many steps': lines(series(...Array.from({ length: 5000 }, (_, index) => 1 / (index + 1)))),
  'a single step': lines(series(0.9)),
  'a value that never changes': lines(series(0.99, 0.99, 0.99)),
  'no step': lines(),
  'values that are no numbers': lines(series(Number.NaN, 0.5, Number.POSITIVE_INFINITY)),
  'settings with intervals': lineChart({
    title: 'Settings',
    x: { label: 'loss', format: 'number' },
    y: accuracy,
    intervals: 'bars',
    places: ['arcface', name, 'cosface'].map((place, x) => ({ name: place, x })),
    series: [{ name, points: [{ x: 0, y: 0.9, lower: 0.8, upper: 0.95 }] }],
  }),
  'a ROC': rocChart([curve, { ...curve, name: 'other' }]),
  'a ROC of a model that never errs': rocChart([perfect]),
  'a DET': detChart([curve, { ...curve, name: 'other' }]),
  'a DET of a model that never errs': detChart([perfect]),
  similarities: similarityChart({
    title: 'Similarities',
    ...counts,
    threshold: 0.3,
    marks: [{ similarity: 0.9, label: name }],
  }),
  slices: intervalChart({
    title: 'Slices',
    axis: accuracy,
    rows: [
      { group: name, name, value: 0.9, lower: 0.85, upper: 0.93 },
      { group: name, name: 'one face', value: 1 },
    ],
  }),
  shares: shareChart(
    [0, 0.5, 1].map((share) => ({ share, isProjected: false, trueAcceptRate: 0.9, isChosen: share === 0.5 })),
  ),
};

const drawn = (chart: Chart, width: number): string =>
  drawChart(chart, document, { width, isInteractive: false }).outerHTML;

describe.each(Object.entries(charts))('a chart of %s', (_, chart) => {
  it.each([340, 560, 1200])('is drawn %d wide, of finite numbers', (width) => {
    const svg = drawn(chart, width);
    expect(svg).toMatch(/^<svg /u);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/u);
  });

  it('has no style that a content security policy would refuse', () => {
    expect(drawn(chart, 560)).not.toMatch(/<style|style=/u);
  });

  it('is an XML file of its own, in colours that need no style sheet', () => {
    const svg = standaloneDrawing(chart, document, 640);
    expect(svg).not.toMatch(/var\(|currentColor|&(?!amp;|lt;|gt;|quot;|#)/u);
    expect(svg.match(/<(?!\/?[a-z])/giu)).toBeNull();
    expect(svg).not.toMatch(/<b>/u);
  });

  it('has as many cells in each row of its table as headings', () => {
    const { headings, rows } = chart.table;
    expect(new Set(rows.map((row) => row.length))).toEqual(
      new Set(rows.length === 0 ? [] : [headings.length]),
    );
  });
});

describe('lineChart', () => {
  it('shows a single step as a dot with its value', () => {
    const svg = drawn(lines(series(0.9)), 560);
    expect(svg).toContain('<circle');
    expect(svg).toContain('90.00 %');
  });

  it('does not begin at 0 where values are far from it', () => {
    const { y } = lines(series(0.96, 0.97)).options({ width: 560, isInteractive: false });
    expect(y?.domain).toEqual([0.96, 0.97]);
  });

  it('has room for differences below 0 and their intervals, and beside bars that stand aside', () => {
    const gains = [-0.01, 0.02].map((y, x) => ({ x, y, lower: y - 0.02, upper: y + 0.02 }));
    const chart = lineChart({
      title: 'Gains',
      x: step,
      y: accuracy,
      intervals: 'bars',
      series: [{ name, points: gains }],
    });
    const { x, y } = chart.options({ width: 560, isInteractive: false });
    expect([...(y?.domain ?? [])][0]).toBeLessThanOrEqual(-0.03);
    expect([...(x?.domain ?? [])][0]).toBeLessThan(0);
    expect([...(x?.domain ?? [])][1]).toBeGreaterThan(1);
  });

  it('names its series, and what each came to', () => {
    const chart = lines(series(0.5, 0.9), { ...series(0.4), name: 'other' });
    expect(chart.legend.map((entry) => entry.name)).toEqual([name, 'other']);
    expect(chart.description).toContain('from 50.00 % at 0 to 90.00 % at 1');
    expect(chart.description).toContain('other: 40.00 % at 0.');
  });

  it('shows a curve that lies beneath another', () => {
    const paths = (chart: Chart): number => drawn(chart, 560).match(/<path d=/gu)?.length ?? 0;
    expect(paths(lines(series(1, 2), { ...series(1, 2), name: 'same' }))).toBe(3);
    expect(paths(lines(series(1, 2), { ...series(1, 3), name: 'other' }))).toBe(2);
  });

  it('has no mark whose text is cut off at the left', () => {
    const huge = lineChart({
      title: 'Huge',
      x: step,
      y: { label: 'norm', format: 'number' },
      series: [series(123_456_789, 987_654_321)],
    });
    const { marginLeft = 0 } = huge.options({ width: 560, isInteractive: false });
    expect(marginLeft).toBeGreaterThan('900M'.length * 6);
  });
});

describe('chartCsv', () => {
  it('quotes what must be, and makes no formula of a name', () => {
    const csv = chartCsv({
      headings: ['name', 'value'],
      rows: [
        ['a, "b"', 1],
        ['=1+1', -2.5],
      ],
    });
    expect(csv).toBe('name,value\r\n"a, ""b""",1\r\n\'=1+1,-2.5\r\n');
  });
});
