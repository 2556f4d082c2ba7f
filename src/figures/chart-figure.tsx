import type { ComponentChildren, JSX } from 'preact';

import type { Chart, ChartTable, LegendEntry } from './charts/chart.js';

export interface ChartFigureProps {
  readonly chart: Chart;
  /** The drawing. */
  readonly children: ComponentChildren;
  /** What is to be done with it: a handle, downloads. */
  readonly tools?: ComponentChildren;
}

/** A chart with its title, its legend and its values as a table, for whoever does not see the drawing. */
export function ChartFigure({ chart, children, tools }: ChartFigureProps): JSX.Element {
  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title">{chart.title}</span>
        <ChartLegend legend={chart.legend} />
      </figcaption>
      {children}
      {tools}
      <ChartValues table={chart.table} title={chart.title} />
    </figure>
  );
}

function ChartLegend({ legend }: { readonly legend: readonly LegendEntry[] }): JSX.Element | null {
  if (legend.length === 0) return null;
  return (
    <ul class="chart-legend">
      {legend.map(({ name, colour, sign }) => (
        <li key={name}>
          <svg width="20" height="12" aria-hidden="true">
            {sign === 'area' ? (
              <rect x="1" y="1" width="18" height="10" fill={colour} fill-opacity="0.5" stroke={colour} />
            ) : (
              <line
                x1="0"
                x2="20"
                y1="6"
                y2="6"
                stroke={colour}
                stroke-width="3"
                stroke-dasharray={sign === 'dashes' ? '6 3' : undefined}
              />
            )}
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}

/** More rows nobody reads; the CSV has all. */
const greatestRowCount = 150;

function ChartValues({ table, title }: { readonly table: ChartTable; readonly title: string }): JSX.Element {
  const { headings, rows } = table;
  const every = Math.ceil(rows.length / greatestRowCount);
  const shown = rows.filter((_, index) => index % every === 0 || index === rows.length - 1);
  return (
    <details class="chart-values">
      <summary>Values{every > 1 ? `, one in ${every}` : ''}</summary>
      <div class="table-scroll" role="region" aria-label={`Values: ${title}`} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {headings.map((heading) => (
                <th key={heading} scope="col">
                  {heading}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((row, index) => (
              <tr key={index}>
                {row.map((cell, column) => (
                  <td key={column} class={typeof cell === 'number' ? 'number' : undefined}>
                    {typeof cell === 'number' ? cellText(cell) : cell}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

/** A number without the digits that computers add. */
function cellText(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en') : String(Number(value.toPrecision(6)));
}
