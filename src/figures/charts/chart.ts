import type { PlotOptions } from '@observablehq/plot';

/** What a chart is drawn into. */
export interface ChartSpace {
  /** CSS pixels. */
  readonly width: number;
  /** Whether a pointer may ask for the value beneath it: true in the browser, false in a file. */
  readonly isInteractive: boolean;
}

/** The sign of a series beside its name. */
export interface LegendEntry {
  readonly name: string;
  readonly colour: string;
  readonly sign: 'line' | 'area' | 'dashes';
}

/** A chart's data as a person or a spreadsheet reads them: a row an array as long as the headings. */
export interface ChartTable {
  readonly headings: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

/** A figure of data, the same in a file and in the browser. {@link drawChart} draws it. */
export interface Chart {
  readonly title: string;
  /** What is on the axes and what comes out, in sentences, for whoever does not see it. */
  readonly description: string;
  /** Empty where there is but one series. */
  readonly legend: readonly LegendEntry[];
  readonly table: ChartTable;
  readonly options: (space: ChartSpace) => PlotOptions;
}

/** A chart's name for whoever does not see it. */
export function chartLabel({ title, description }: Pick<Chart, 'title' | 'description'>): string {
  return `${title}. ${description}`;
}
