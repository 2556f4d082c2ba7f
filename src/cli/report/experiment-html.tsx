import { DataTable } from '../../figures/report/data-table.js';
import { ChartGrid, reportPage } from '../../figures/static/report-page.js';
import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { ExperimentResults } from '../../training/experiments/experiment-results.js';
import { experimentCharts } from './experiment-charts.js';
import { experimentTables, stateText, tableNotes } from './experiment-tables.js';

/** One page on an experiment: no script, nothing fetched. */
export function experimentHtml(plan: ExperimentPlan, results: ExperimentResults): string {
  const charts = experimentCharts(plan, results);
  return reportPage({
    kind: 'Experiment',
    name: plan.name,
    subtitle: stateText(plan, results),
    children: (
      <>
        {charts.length === 0 ? null : <ChartGrid charts={charts} />}
        {experimentTables(plan, results).map((table) => (
          <section key={table.title}>
            <h2>{table.title}</h2>
            <DataTable {...table} />
          </section>
        ))}
        <h2>What the figures mean</h2>
        {tableNotes.map((note) => (
          <p key={note}>{note}</p>
        ))}
      </>
    ),
  });
}
