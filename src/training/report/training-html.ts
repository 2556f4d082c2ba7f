import type { EvaluationEntry, LogEntry, StepEntry } from '../runs/run-log.js';
import type { TrainingConfiguration } from '../configuration/training-configuration.js';
import { choiceSection } from './choice-report.js';
import { html, Html } from './html.js';
import { type Curve, curvesOf, descentFigures, stepFigure } from './training-plots.js';
import { pageStyle } from './page-style.js';
import { replayText } from './training-report.js';

/** One page on a run: no script, nothing fetched. */
export function trainingHtml(configuration: TrainingConfiguration, entries: readonly LogEntry[]): string {
  const steps = entries.filter((entry) => entry.kind === 'steps');
  const evaluations = entries.filter((entry) => entry.kind === 'evaluation');
  const replay = entries.find((entry) => entry.kind === 'replay');
  const choice = entries.findLast((entry) => entry.kind === 'choice');
  const title = configuration.name;
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>${title}</title>
      ${Html.style(pageStyle)}
      <h1>Training: ${title}</h1>
      <p>${summary(steps)}</p>
      ${replay && html`<p>${replayText(replay)}</p>`}
      <div class="plots">${lossFigures(steps)} ${evaluationMetrics(evaluations)}</div>
      ${
        evaluations.length === 0
          ? undefined
          : html`<h2>Verification</h2>
              ${evaluationTable(evaluations)}`
      }
      ${choice && choiceSection(choice)}
      <h2>Configuration</h2>
      <pre>${JSON.stringify(configuration, null, 2)}</pre>
    </html> `.text;
}

function summary(steps: readonly StepEntry[]): string {
  const last = steps.at(-1);
  if (last === undefined) return 'No step was logged yet.';
  const mean = (of: (entry: StepEntry) => number): number =>
    steps.reduce((sum, entry) => sum + of(entry), 0) / steps.length;
  const speed = mean(({ imagesPerSecond }) => imagesPerSecond).toFixed(1);
  const waited = (mean(({ waitedShare }) => waitedShare) * 100).toFixed(1);
  return `${last.step} steps, ${last.epoch.toFixed(2)} epochs, ${speed} images/s; the engine waited for data ${waited} % of the time.`;
}

function lossFigures(steps: readonly StepEntry[]): readonly Html[] {
  const curve = curvesOf(steps);
  return descentFigures(steps, [
    curve('total', ({ loss }) => loss),
    curve('face', ({ faceLoss }) => faceLoss),
    curve('symmetry', ({ symmetryLoss }) => symmetryLoss),
    ...distillationCurve(steps),
  ]);
}

/** The curve of the distillation term; none where the run has no teacher. */
function distillationCurve(steps: readonly StepEntry[]): readonly Curve[] {
  const values = steps.flatMap(({ step, distillationLoss: value }) =>
    value === undefined ? [] : [{ step, value }],
  );
  return values.length === 0 ? [] : [{ name: 'distillation', values }];
}

function evaluationMetrics(evaluations: readonly EvaluationEntry[]): readonly Html[] {
  if (evaluations.length === 0) return [];
  const sets = [...new Set(evaluations.map(({ set }) => set))];
  const curves = (of: (entry: EvaluationEntry) => number | undefined): readonly Curve[] =>
    sets
      .map((name) => ({
        name,
        values: evaluations.flatMap((entry) => {
          const value = of(entry);
          return entry.set !== name || value === undefined ? [] : [{ step: entry.step, value }];
        }),
      }))
      .filter(({ values }) => values.length > 0);
  const halves = curves(({ halfRatio }) => halfRatio);
  const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;
  return [
    stepFigure(
      'Accuracy',
      curves(({ accuracyMean }) => accuracyMean),
      'accuracy',
      percent,
    ),
    ...(halves.length === 0
      ? []
      : [
          stepFigure(
            'Distance of a face’s halves over that of different persons’',
            halves,
            'ratio; 1 for a constant',
            (value) => value.toPrecision(3),
          ),
        ]),
  ];
}

function evaluationTable(evaluations: readonly EvaluationEntry[]): Html {
  const rows = evaluations.map((entry) => {
    const { step, set, accuracyMean, accuracyStandardDeviation, equalErrorRate } = entry;
    const { halfDistance, halfRatio, halfAreaUnderCurve } = entry;
    const cells = [
      String(step),
      set,
      `${(accuracyMean * 100).toFixed(2)} ± ${(accuracyStandardDeviation * 100).toFixed(2)} %`,
      `${(equalErrorRate * 100).toFixed(2)} %`,
      halfDistance?.toFixed(4) ?? '',
      halfRatio?.toFixed(3) ?? '',
      halfAreaUnderCurve === undefined ? '' : `${(halfAreaUnderCurve * 100).toFixed(2)} %`,
    ];
    return html`<tr>
      ${cells.map((cell) => html`<td>${cell}</td>`)}
    </tr>`;
  });
  return html`<table>
    <tr>
      <th>step</th>
      <th>set</th>
      <th>accuracy</th>
      <th>EER</th>
      <th>distance of halves</th>
      <th>ratio of halves</th>
      <th>half-to-half AUC</th>
    </tr>
    ${rows}
  </table>`;
}
