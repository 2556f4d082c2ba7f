import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { ExperimentResults } from '../../training/experiments/experiment-results.js';
import { escapeXml } from '../../training/report/axes.js';
import { experimentPlots } from '../plot/experiment-plots.js';
import { curveColours } from '../../training/report/training-plots.js';
import { experimentTables, type ReportTable, stateLine, tableNotes } from './experiment-tables.js';
import { pageStyle } from '../../training/report/page-style.js';

const style = `${pageStyle} td.name, th.name { text-align: left; } .scroll { overflow-x: auto; } .bar { stroke-width: 1.5; }`;

/** One page on an experiment: no script, nothing fetched. */
export function experimentHtml(plan: ExperimentPlan, results: ExperimentResults): string {
  const title = escapeXml(plan.name);
  const plots = experimentPlots(plan, results).map(({ title: caption, series, svg }) => {
    const key = series.map(
      (name, index) =>
        `<b style="background:${curveColours[index % curveColours.length] ?? ''}"></b>${escapeXml(name)}`,
    );
    return `<figure><figcaption class="key">${escapeXml(caption)}${key.join('')}</figcaption>${svg}</figure>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${title}</title>
<style>${style}</style>
<h1>Experiment: ${title}</h1>
<p>${escapeXml(stateLine(plan, results))}</p>
<div class="plots">
${plots.join('\n')}
</div>
${experimentTables(plan, results).map(tableHtml).join('\n')}
${tableNotes.map((note) => `<p>${escapeXml(note)}</p>`).join('\n')}
</html>
`;
}

function tableHtml({ title, headings, rows, figuresFrom }: ReportTable): string {
  const row = (tag: 'td' | 'th', cells: readonly string[]): string =>
    `<tr>${cells.map((cell, column) => `<${tag}${column < figuresFrom ? ' class="name"' : ''}>${escapeXml(cell)}</${tag}>`).join('')}</tr>`;
  return `<h2>${escapeXml(title)}</h2>
<div class="scroll"><table>
${[row('th', headings), ...rows.map((cells) => row('td', cells))].join('\n')}
</table></div>`;
}
