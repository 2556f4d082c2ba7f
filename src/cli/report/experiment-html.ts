import type { ExperimentPlan } from '../../training/experiments/experiment-file.js';
import type { ExperimentResults } from '../../training/experiments/experiment-results.js';
import { html, Html } from '../../training/report/html.js';
import { experimentPlots } from '../plot/experiment-plots.js';
import { curveColours } from '../../training/report/training-plots.js';
import { experimentTables, type ReportTable, stateLine, tableNotes } from './experiment-tables.js';
import { pageStyle } from '../../training/report/page-style.js';

const style = `${pageStyle} td.name, th.name { text-align: left; } .scroll { overflow-x: auto; } .bar { stroke-width: 1.5; }`;

/** One page on an experiment: no script, nothing fetched. */
export function experimentHtml(plan: ExperimentPlan, results: ExperimentResults): string {
  const title = plan.name;
  const plots = experimentPlots(plan, results).map(({ title: caption, series, svg }) => {
    const key = series.map(
      (name, index) =>
        html`<b style="background:${curveColours[index % curveColours.length] ?? ''}"></b>${name}`,
    );
    return html`<figure>
      <figcaption class="key">${caption}${key}</figcaption>
      ${svg}
    </figure>`;
  });
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>${title}</title>
      ${Html.style(style)}
      <h1>Experiment: ${title}</h1>
      <p>${stateLine(plan, results)}</p>
      <div class="plots">${plots}</div>
      ${experimentTables(plan, results).map(tableHtml)} ${tableNotes.map((note) => html`<p>${note}</p>`)}
    </html> `.text;
}

function tableHtml({ title, headings, rows, figuresFrom }: ReportTable): Html {
  const classOf = (column: number): string => (column < figuresFrom ? 'name' : 'figure');
  const head = headings.map((cell, column) => html`<th class="${classOf(column)}">${cell}</th>`);
  const body = rows.map(
    (cells) =>
      html`<tr>
        ${cells.map((cell, column) => html`<td class="${classOf(column)}">${cell}</td>`)}
      </tr>`,
  );
  return html`<h2>${title}</h2>
    <div class="scroll">
      <table>
        <tr>
          ${head}
        </tr>
        ${body}
      </table>
    </div>`;
}
