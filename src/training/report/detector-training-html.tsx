import type { Chart } from '../../figures/charts/chart.js';
import { type KeyFigure, KeyFigures } from '../../figures/report/key-figures.js';
import { ChartGrid, reportPage } from '../../figures/static/report-page.js';
import type { DetectorConfiguration } from '../detector/detector-configuration.js';
import type {
  DetectorEvaluationEntry,
  DetectorLogEntry,
  DetectorStepEntry,
} from '../detector/detector-log.js';
import { curvesOf, descentCharts, stepChart } from './training-charts.js';

/** One page on the training of a detector: no script, nothing fetched. */
export function detectorTrainingHtml(
  configuration: DetectorConfiguration,
  entries: readonly DetectorLogEntry[],
): string {
  const steps = entries.filter((entry) => entry.kind === 'steps');
  const evaluations = entries.filter((entry) => entry.kind === 'evaluation');
  return reportPage({
    kind: 'Training',
    name: configuration.name,
    subtitle: 'A detector of faces and their landmarks',
    children: (
      <>
        <KeyFigures figures={lastFigures(steps.at(-1), evaluations.at(-1))} />
        <ChartGrid charts={[...lossCharts(steps), ...evaluationCharts(evaluations)]} />
        <h2>Configuration</h2>
        <pre>{JSON.stringify(configuration, null, 2)}</pre>
      </>
    ),
  });
}

/** How far it came, and what came out. */
function lastFigures(
  step: DetectorStepEntry | undefined,
  evaluation: DetectorEvaluationEntry | undefined,
): readonly KeyFigure[] {
  return [
    ...(step === undefined ? [] : [{ label: 'steps', value: step.step.toLocaleString('en') }]),
    ...(evaluation === undefined
      ? []
      : [
          { label: 'held-out faces found', value: percent(evaluation.recall) },
          { label: 'of what is found, faces', value: percent(evaluation.precision) },
          {
            label: 'landmark error',
            value: percent(evaluation.landmarkError),
            note: 'of the distance between the eyes',
          },
        ]),
  ];
}

function lossCharts(steps: readonly DetectorStepEntry[]): readonly Chart[] {
  const curve = curvesOf(steps);
  return descentCharts(steps, [
    curve('total', ({ loss }) => loss),
    curve('class', ({ classLoss }) => classLoss),
    curve('box', ({ boxLoss }) => boxLoss),
    curve('landmarks', ({ landmarkLoss }) => landmarkLoss),
  ]);
}

function evaluationCharts(evaluations: readonly DetectorEvaluationEntry[]): readonly Chart[] {
  if (evaluations.length === 0) return [];
  const curve = curvesOf(evaluations);
  return [
    stepChart({
      title: 'Held-out faces',
      label: 'share',
      format: 'percent',
      series: [
        curve('found', ({ recall }) => recall),
        curve('of what is found, faces', ({ precision }) => precision),
        curve('mean probability', ({ faceProbability }) => faceProbability),
      ],
    }),
    stepChart({
      title: 'Landmarks of held-out faces',
      label: 'error, of the distance between the eyes',
      format: 'percent',
      series: [curve('error', ({ landmarkError }) => landmarkError)],
    }),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
