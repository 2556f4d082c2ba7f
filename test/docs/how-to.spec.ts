import { dirname, join, relative } from 'node:path/posix';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A file of test/how-to as it would be in another folder: what it imports is found from there. */
function placedIn(place: string, file: string): string {
  return readFileSync(file, 'utf8').replaceAll(/(?<=from ')\.[^']+/gu, (named) => {
    const target = join(dirname(file), named);
    // What lies beside it goes with it.
    const isBeside = dirname(target) === dirname(file);
    const path = relative(place, isBeside ? join(place, named) : target);
    return path.startsWith('.') ? path : `./${path}`;
  });
}

describe.each(readdirSync('docs/how-to'))('docs/how-to/%s', (name) => {
  const page = readFileSync(join('docs/how-to', name), 'utf8');
  const shown = [...page.matchAll(/<!-- (\S+) in (\S+) -->\n\n```ts\n([\s\S]*?)```/gu)];

  it.each(shown.map(([, file = '', place = '', code = '']) => ({ file, place, code })))(
    'shows $file, which is tested, as it would be in $place',
    ({ file, place, code }) => {
      expect(code).toBe(placedIn(place, file));
    },
  );

  it('shows no code that is not tested', () => {
    expect([...page.matchAll(/^```ts$/gmu)]).toHaveLength(shown.length);
  });
});
