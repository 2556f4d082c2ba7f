import type { JSX } from 'preact';

/** A table of words and figures, for any kind of page. */
export interface ReportTable {
  readonly title: string;
  readonly headings: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The index of the column from which on cells are figures. */
  readonly figuresFrom: number;
}

/** "1e-3", which must not be broken behind its hyphen. */
const exponent = /(\de)-(\d)/gu;

/** A table as wide as its words, which scrolls by itself where the page is narrower. */
export function DataTable({ title, headings, rows, figuresFrom }: ReportTable): JSX.Element {
  const classOf = (column: number): string => (column < figuresFrom ? 'text' : 'number');
  return (
    <div class="table-scroll" role="region" aria-label={title} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {headings.map((heading, column) => (
              <th key={column} scope="col" class={classOf(column)}>
                {heading.replaceAll(exponent, '$1\u2011$2')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((cells, row) => (
            <tr key={row}>
              {cells.map((cell, column) => (
                <td key={column} class={classOf(column)}>
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
