/**
 * Colours of series, as CSS variables so that a page's light and dark style choose (chart-style.ts has their values).
 * Each has a contrast of at least 3 on its ground (WCAG 2.2, 1.4.11).
 */
const lightAndDark = [
  ['#1f5fbf', '#8ab8ff'],
  ['#c2410c', '#ff9e64'],
  ['#1b7a43', '#6fd395'],
  ['#8b3fb5', '#d4a5ff'],
  ['#8a6100', '#f2c46b'],
  ['#0e7490', '#5fd3e6'],
  ['#be185d', '#ff8fbf'],
  ['#4b5563', '#b8c0cc'],
] as const;

/** Genuine pairs are the first colour, impostor pairs the second, in every chart. */
export const genuineColour = 'var(--series-1)';
export const impostorColour = 'var(--series-2)';

/** What a series is drawn with: its colour; behind the last colour they come again, with dashes. */
export interface SeriesLook {
  readonly colour: string;
  readonly dashes: string | undefined;
}

/** @param index of the series, from 0 */
export function seriesLook(index: number): SeriesLook {
  const round = Math.floor(index / lightAndDark.length);
  return {
    colour: `var(--series-${(index % lightAndDark.length) + 1})`,
    dashes: [undefined, '6 3', '2 3'][round % 3],
  };
}

/** The declarations of the variables for a style sheet, for light and dark. */
export const seriesColourStyle = lightAndDark
  .map(([light, dark], index) => `--series-${index + 1}: light-dark(${light}, ${dark});`)
  .join(' ');

/** What stands for each variable where no style sheet is: in a file of one drawing, on white. */
export const lightSeriesColours: ReadonlyMap<string, string> = new Map(
  lightAndDark.map(([light], index) => [`var(--series-${index + 1})`, light]),
);
