import type { ReportTable } from '../../figures/report/data-table.js';
import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { ExperimentResults } from '../../training/experiments/experiment-results.js';
import { experimentTables, stateLine, tableNotes } from './experiment-tables.js';

export function experimentMarkdown(plan: ExperimentPlan, results: ExperimentResults): string {
  return [
    `# Experiment: ${plan.name}`,
    stateLine(plan, results),
    ...experimentTables(plan, results).map(tableText),
    ...tableNotes,
    '',
  ].join('\n\n');
}

function tableText({ title, headings, rows, figuresFrom }: ReportTable): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escaped).join(' | ')} |`;
  const marks = headings.map((_, column) => (column < figuresFrom ? '---' : '---:'));
  return [`## ${title}`, '', line(headings), line(marks), ...rows.map(line)].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll('\n', ' ');
}
