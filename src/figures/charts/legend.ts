import type { LegendEntry } from './chart.js';
import { seriesLook } from './series-colours.js';

/** The legend of lines; a single one needs none. */
export function legendOf(names: readonly string[]): readonly LegendEntry[] {
  if (names.length < 2) return [];
  return names.map((name, index) => {
    const { colour, dashes } = seriesLook(index);
    return { name, colour, sign: dashes === undefined ? 'line' : 'dashes' };
  });
}
