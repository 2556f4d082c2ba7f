import type { ComponentChildren, JSX } from 'preact';
import { useCardsWithoutRoom } from './use-cards-without-room.js';

/** A column of a {@link ListTable}. */
export interface Column<Row> {
  readonly heading: string;
  /** `name`: what a row is called; `number`: to be compared with those above and below. */
  readonly kind?: 'name' | 'number';
  readonly cell: (row: Row) => ComponentChildren;
}

interface ListTableProps<Row> {
  /** What is listed: "API keys". */
  readonly label: string;
  /** Whether the label is also to be seen, where a heading does not say the same. */
  readonly isLabelShown?: boolean;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  /** The key of the row that the page shows more of, or that was chosen. */
  readonly selectedKey?: string | undefined;
}

/**
 * A list as a table, a row each. Where it has no room, as on a phone, each row becomes a card with the headings beside its cells; a
 * browser forgets that it is a table then, so the roles are said.
 */
export function ListTable<Row>(props: ListTableProps<Row>): JSX.Element {
  const { label, isLabelShown = false, columns, rows, keyOf, selectedKey } = props;
  const box = useCardsWithoutRoom();
  return (
    <div ref={box} class="table-scroll">
      <table class="list-table" role="table" aria-label={label}>
        {isLabelShown && <caption>{label}</caption>}
        <thead role="rowgroup">
          <tr role="row">
            {columns.map(({ heading, kind }) => (
              <th key={heading} scope="col" role="columnheader" class={kind}>
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row" class={keyOf(row) === selectedKey ? 'is-selected' : undefined}>
              {columns.map((column) => (
                <Cell key={column.heading} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface CellProps<Row> {
  readonly column: Column<Row>;
  readonly row: Row;
}

function Cell<Row>({ column: { heading, kind, cell }, row }: CellProps<Row>): JSX.Element {
  const content = <div>{cell(row)}</div>;
  if (kind === 'name')
    return (
      <th scope="row" role="rowheader" data-heading={heading}>
        {content}
      </th>
    );
  return (
    <td role="cell" class={kind} data-heading={heading}>
      {content}
    </td>
  );
}
