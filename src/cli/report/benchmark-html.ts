import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { BenchmarkRun__Output } from '../../generated/symface/v1/BenchmarkRun.js';
import type { ListWorstPairsResponse__Output } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import { html, Html } from '../../training/report/html.js';
import { detPlot, histogramPlot, rocPlot } from '../plot/verification-plots.js';
import { benchmarkRunLines } from './benchmark-report.js';
import { pageStyle } from '../../training/report/page-style.js';
import { worstPairsHtml } from './worst-pairs-html.js';

const style = `${pageStyle}
.pairs { display: flex; flex-wrap: wrap; gap: 1rem; } figure.pair { flex: 0 0 auto; text-align: center; }
.pair img { width: 100px; height: 100px; object-fit: cover; }
`;

/** The worst pairs, or why they are not shown. */
export type WorstPairsShown = ListWorstPairsResponse__Output | string;

/** One page with everything in it: no script, nothing fetched. */
export function benchmarkHtml(
  run: BenchmarkRun__Output,
  report: VerificationReport,
  worstPairs: WorstPairsShown,
): string {
  const title = `${run.dataset.replace('datasets/', '')}, ${run.modelVersion.replace('modelVersions/', '')}`;
  const folds = report.accuracy.folds.map(
    ({ distanceThreshold, accuracy }, index) =>
      html`<tr>
        <td>${index + 1}</td>
        <td>${(accuracy * 100).toFixed(2)} %</td>
        <td>${distanceThreshold.toFixed(2)}</td>
      </tr>`,
  );
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>${title}</title>
      ${Html.style(style)}
      <h1>Verification benchmark: ${title}</h1>
      <p>${run.createTime} · ${run.codeVersion} · data set ${run.report?.datasetDigest}</p>
      <pre>${benchmarkRunLines(run).join('\n')}</pre>
      <div class="plots">
        <figure>
          <figcaption>ROC</figcaption>
          ${rocPlot(report.curve)}
        </figure>
        <figure>
          <figcaption>DET</figcaption>
          ${detPlot(report.curve)}
        </figure>
        <figure>
          <figcaption class="key">
            Similarities <b style="background:#0b62c4"></b>genuine <b style="background:#c43b0b"></b>impostor
          </figcaption>
          ${histogramPlot(report.histogram)}
        </figure>
      </div>
      <h2>Folds</h2>
      <table>
        <tr>
          <th>fold</th>
          <th>accuracy</th>
          <th>threshold (squared distance)</th>
        </tr>
        ${folds}
      </table>
      ${typeof worstPairs === 'string' ? html`<p>Worst pairs are not shown: ${worstPairs}</p>` : worstPairsHtml(worstPairs)}
    </html> `.text;
}
