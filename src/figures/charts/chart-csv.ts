import type { ChartTable } from './chart.js';

/** A chart's data as comma-separated values (RFC 4180), all of it. */
export function chartCsv({ headings, rows }: ChartTable): string {
  return [headings, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('');
}

/** Quoted where it must be; a name that a spreadsheet would take for a formula begins with an apostrophe. */
function csvCell(cell: string | number): string {
  if (typeof cell === 'number') return String(cell);
  const harmless = /^[=+\-@\t\r]/u.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
