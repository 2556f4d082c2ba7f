import {
  axisY,
  dot,
  link,
  type Markish,
  type PlotOptions,
  pointerY,
  ruleX,
  text,
  tip,
} from '@observablehq/plot';

import type { Chart, ChartSpace } from './chart.js';
import { type Axis, framed, horizontalTickCount, textWidth } from './frame.js';
import { legendOf } from './legend.js';
import { seriesLook } from './series-colours.js';
import { linearRange } from './ticks.js';
import { shortened, valueText } from './value-format.js';

/** One value with what is known of its error. */
export interface IntervalRow {
  /** What the value is of: "both faces symmetric". */
  readonly name: string;
  /** Rows of one heading stand together: "by ρ", "by sharpness". */
  readonly group?: string;
  /** Whose it is, where several are compared. */
  readonly series?: string;
  readonly value: number;
  readonly lower?: number;
  readonly upper?: number;
}

export interface IntervalChartData {
  readonly title: string;
  readonly axis: Axis;
  /** From the top. */
  readonly rows: readonly IntervalRow[];
  /** A value that the others are seen against: a limit, no change. */
  readonly reference?: { readonly value: number; readonly label: string };
}

const rowPixels = 26;
const seriesPixels = 9;

/** A line of the chart: a heading, or a name with a value of each series. */
interface ChartLine {
  readonly key: string;
  readonly text: string;
  readonly isHeading: boolean;
}

/** Values with their intervals, one beneath the other, so that names have room: slices, models, findings. */
export function intervalChart(data: IntervalChartData): Chart {
  const { title, axis, rows } = data;
  const series = [...new Set(rows.map((row) => row.series ?? ''))];
  const haveIntervals = rows.some(({ lower }) => lower !== undefined);
  return {
    title,
    description: describe(data),
    legend: legendOf(series),
    table: {
      headings: ['group', 'name', 'series', axis.label, ...(haveIntervals ? ['lower', 'upper'] : [])],
      rows: rows.map((row) => [
        ...[row.group ?? '', row.name, row.series ?? '', row.value],
        ...(haveIntervals ? [row.lower ?? '', row.upper ?? ''] : []),
      ]),
    },
    options: (space) => intervalOptions(data, series, space),
  };
}

function intervalOptions(data: IntervalChartData, series: readonly string[], space: ChartSpace): PlotOptions {
  const { axis, rows, reference } = data;
  const values = rows.flatMap(({ value, lower = value, upper = value }) => [value, lower, upper]);
  const limits = axis.format === 'percent' ? { highest: 1 } : {};
  const range = linearRange(
    reference === undefined ? values : [...values, reference.value],
    horizontalTickCount({ ...space, width: space.width * 0.6 }),
    limits,
  );
  const lines = linesOf(rows);
  const nameRoom = Math.floor(space.width * 0.42);
  const marginLeft = Math.min(
    nameRoom,
    Math.ceil(Math.max(40, ...lines.map((line) => textWidth(line.text))) + 14),
  );
  const shown = series.length === 1;
  const valueRoom = shown
    ? Math.max(...rows.map(({ value }) => textWidth(valueText(axis.format, value)))) + 14
    : 0;
  const frame = framed(space, { axis, range }, { axis, range });
  return {
    ...frame,
    marginLeft,
    marginTop: 12,
    marginRight: Math.max(frame.marginRight ?? 0, valueRoom),
    height: 12 + 46 + lines.length * (rowPixels + (series.length - 1) * seriesPixels),
    y: { type: 'band', domain: lines.map(({ key }) => key), label: null, padding: 0 },
    marks: [
      nameAxis(lines, marginLeft),
      ...headings(lines, marginLeft, space),
      ...(reference === undefined
        ? []
        : [ruleX([reference.value], { stroke: 'currentColor', strokeDasharray: '4 3' })]),
      ...series.flatMap((name, index) =>
        seriesMarks(
          rows.filter((row) => (row.series ?? '') === name),
          index,
          (index - (series.length - 1) / 2) * seriesPixels,
        ),
      ),
      ...(shown ? [valueTexts(rows, axis)] : []),
      ...(space.isInteractive ? [rowTip(rows, axis)] : []),
    ],
  };
}

function keyOf({ group = '', name }: IntervalRow): string {
  return JSON.stringify([group, name]);
}

/** Groups in the order that they first come in, each beneath its heading. */
function linesOf(rows: readonly IntervalRow[]): readonly ChartLine[] {
  const groups = [...new Set(rows.map(({ group = '' }) => group))];
  return groups.flatMap((group) => {
    const own = rows.filter((row) => (row.group ?? '') === group);
    const named = new Map(
      own.map((row) => [keyOf(row), { key: keyOf(row), text: row.name, isHeading: false }]),
    );
    const heading = group === '' ? [] : [{ key: JSON.stringify([group]), text: group, isHeading: true }];
    return [...heading, ...named.values()];
  });
}

function nameAxis(lines: readonly ChartLine[], room: number): Markish {
  const texts = new Map(lines.map(({ key, text: words, isHeading }) => [key, isHeading ? '' : words]));
  const characters = Math.floor((room - 14) / 6.2);
  return axisY({
    tickSize: 0,
    tickPadding: 8,
    label: null,
    tickFormat: (key: string) => shortened(texts.get(key) ?? '', characters),
  });
}

function headings(
  lines: readonly ChartLine[],
  marginLeft: number,
  { width }: ChartSpace,
): readonly Markish[] {
  const own = lines
    .filter(({ isHeading }) => isHeading)
    .map((line) => ({ ...line, text: shortened(line.text, Math.floor(width / 7.2)) }));
  return [
    text(own, {
      y: 'key',
      text: 'text',
      frameAnchor: 'left',
      dx: -marginLeft + 4,
      textAnchor: 'start',
      fontWeight: 600,
      fill: 'currentColor',
    }),
  ];
}

function seriesMarks(rows: readonly IntervalRow[], index: number, dy: number): readonly Markish[] {
  const { colour } = seriesLook(index);
  const known = rows.filter(({ lower, upper }) => lower !== undefined && upper !== undefined);
  return [
    link(known, {
      x1: 'lower',
      x2: 'upper',
      y1: keyOf,
      y2: keyOf,
      dy,
      stroke: colour,
      strokeWidth: 2.5,
      strokeOpacity: 0.6,
      strokeLinecap: 'round',
    }),
    dot(rows, { x: 'value', y: keyOf, dy, r: 4.5, fill: colour }),
  ];
}

function valueTexts(rows: readonly IntervalRow[], { format }: Axis): Markish {
  return text(rows, {
    y: keyOf,
    text: ({ value }: IntervalRow) => valueText(format, value),
    frameAnchor: 'right',
    textAnchor: 'start',
    dx: 8,
    fill: 'currentColor',
    fontVariant: 'tabular-nums',
  });
}

function rowTip(rows: readonly IntervalRow[], axis: Axis): Markish {
  const title = (row: IntervalRow): string =>
    [row.series, row.group, `${row.name}: ${rowText(row, axis)}`].filter(Boolean).join('\n');
  return tip(rows, pointerY({ x: 'value', y: keyOf, title }));
}

function rowText({ value, lower, upper }: IntervalRow, { format }: Axis): string {
  const own = valueText(format, value);
  if (lower === undefined || upper === undefined) return own;
  return `${own} (95 %: ${valueText(format, lower)} to ${valueText(format, upper)})`;
}

function describe({ axis, rows, reference }: IntervalChartData): string {
  const said = rows.map((row) => {
    const of = [row.series, row.group, row.name].filter(Boolean).join(', ');
    return `${of}: ${rowText(row, axis)}.`;
  });
  const against =
    reference === undefined ? [] : [`${reference.label}: ${valueText(axis.format, reference.value)}.`];
  return [`${axis.label}.`, ...said, ...against].join(' ');
}
