import type { DetectorConfiguration } from '../detector/detector-configuration.js';
import type {
  DetectorEvaluationEntry,
  DetectorLogEntry,
  DetectorStepEntry,
} from '../detector/detector-log.js';
import { html, Html } from './html.js';
import { pageStyle } from './page-style.js';
import { curvesOf, descentFigures, stepFigure } from './training-plots.js';

/** One page on the training of a detector: no script, nothing fetched. */
export function detectorTrainingHtml(
  configuration: DetectorConfiguration,
  entries: readonly DetectorLogEntry[],
): string {
  const steps = entries.filter((entry) => entry.kind === 'steps');
  const evaluations = entries.filter((entry) => entry.kind === 'evaluation');
  const title = configuration.name;
  return html`<!doctype html>
    <html lang="en">
      <meta charset="utf-8" />
      <title>${title}</title>
      ${Html.style(pageStyle)}
      <h1>Training: ${title}</h1>
      <div class="plots">${lossFigures(steps)} ${evaluationFigures(evaluations)}</div>
      <h2>Configuration</h2>
      <pre>${JSON.stringify(configuration, null, 2)}</pre>
    </html> `.text;
}

function lossFigures(steps: readonly DetectorStepEntry[]): readonly Html[] {
  const curve = curvesOf(steps);
  return descentFigures(steps, [
    curve('total', ({ loss }) => loss),
    curve('class', ({ classLoss }) => classLoss),
    curve('box', ({ boxLoss }) => boxLoss),
    curve('landmarks', ({ landmarkLoss }) => landmarkLoss),
  ]);
}

function evaluationFigures(evaluations: readonly DetectorEvaluationEntry[]): readonly Html[] {
  if (evaluations.length === 0) return [];
  const curve = curvesOf(evaluations);
  return [
    stepFigure(
      'Held-out faces',
      [
        curve('found', ({ recall }) => recall),
        curve('of what is found, faces', ({ precision }) => precision),
        curve('mean probability', ({ faceProbability }) => faceProbability),
      ],
      'share',
      percent,
    ),
    stepFigure(
      'Landmarks of held-out faces',
      [curve('distance', ({ landmarkError }) => landmarkError)],
      'of the distance between the eyes',
      percent,
    ),
  ];
}

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`;
}
