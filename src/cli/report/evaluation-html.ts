import type { VerificationReport } from '../../domain/benchmark/verification-report.js';
import type { Evaluation__Output } from '../../generated/symface/v1/Evaluation.js';
import { escapeXml } from '../plot/axes.js';
import { histogramPlot, rocPlot } from '../plot/verification-plots.js';
import { evaluationLines } from './evaluation-report.js';

const style = `
body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; color: #1b1f24; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
pre { background: #f4f6f8; padding: 1rem; overflow-x: auto; }
.plots { display: flex; flex-wrap: wrap; gap: 1rem; } figure { margin: 0; flex: 1 1 480px; }
svg { width: 100%; height: auto; } svg text { font: 12px system-ui, sans-serif; fill: #444; }
.grid { stroke: #e3e7eb; } .curve { fill: none; stroke: #0b62c4; stroke-width: 2; }
.genuine rect { fill: #0b62c4; opacity: 0.6; } .impostor rect { fill: #c43b0b; opacity: 0.6; }
table { border-collapse: collapse; } td, th { padding: 0.2rem 0.8rem; text-align: right; border-bottom: 1px solid #e3e7eb; }
.key b { display: inline-block; width: 0.8em; height: 0.8em; margin: 0 0.3em 0 1em; }
`;

/**
 * One page with everything in it: no script, nothing fetched.
 * @throws Error where the evaluation has no report
 */
export function evaluationHtml(evaluation: Evaluation__Output): string {
  if (evaluation.report === null) throw new Error('an evaluation without a report has nothing to draw');
  const report = JSON.parse(evaluation.report.reportJson) as VerificationReport;
  const title = `${evaluation.dataset.replace('datasets/', '')}, ${evaluation.modelVersion.replace('modelVersions/', '')}`;
  const folds = report.accuracy.folds.map(
    ({ distanceThreshold, accuracy }, index) =>
      `<tr><td>${index + 1}</td><td>${(accuracy * 100).toFixed(2)} %</td><td>${distanceThreshold.toFixed(2)}</td></tr>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escapeXml(title)}</title>
<style>${style}</style>
<h1>Verification benchmark: ${escapeXml(title)}</h1>
<p>${escapeXml(evaluation.createTime)} · data set ${escapeXml(evaluation.report.datasetDigest)}</p>
<pre>${escapeXml(evaluationLines(evaluation).join('\n'))}</pre>
<div class="plots">
<figure><figcaption>ROC</figcaption>${rocPlot(report.curve)}</figure>
<figure><figcaption class="key">Similarities <b style="background:#0b62c4"></b>genuine <b style="background:#c43b0b"></b>impostor</figcaption>${histogramPlot(report.histogram)}</figure>
</div>
<h2>Folds</h2>
<table><tr><th>fold</th><th>accuracy</th><th>threshold (squared distance)</th></tr>
${folds.join('\n')}
</table>
</html>
`;
}
