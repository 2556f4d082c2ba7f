import type { JSX } from 'preact';

import type { Chart } from '../../figures/charts/chart.js';
import type { LineSeries } from '../../figures/charts/line-chart.js';
import { DataTable } from '../../figures/report/data-table.js';
import { type KeyFigure, KeyFigures } from '../../figures/report/key-figures.js';
import { ChartGrid, reportPage } from '../../figures/static/report-page.js';
import type { TrainingConfiguration } from '../configuration/training-configuration.js';
import type { EvaluationEntry, LogEntry, StepEntry } from '../runs/run-log.js';
import { falseMatchRateText, percent } from '../../core/protocols/figure-text.js';
import { ChoiceSection } from './choice-section.js';
import { learningRateText, rangeTestChart } from './learning-rate-report.js';
import { curvesOf, descentCharts, stepChart } from './training-charts.js';
import { replayText } from './training-report.js';

/** One page on a run: no script, nothing fetched. */
export function trainingHtml(configuration: TrainingConfiguration, entries: readonly LogEntry[]): string {
  const steps = entries.filter((entry) => entry.kind === 'steps');
  const evaluations = entries.filter((entry) => entry.kind === 'evaluation');
  const replay = entries.find((entry) => entry.kind === 'replay');
  const range = entries.find((entry) => entry.kind === 'learning-rate');
  const choice = entries.findLast((entry) => entry.kind === 'choice');
  return reportPage({
    kind: 'Training',
    name: configuration.name,
    children: (
      <>
        {steps.length === 0 ? <p>No step was logged yet.</p> : null}
        <KeyFigures figures={[...stepFigures(steps), ...lastEvaluations(evaluations)]} />
        {replay && <p>{replayText(replay)}</p>}
        {range && <p>{learningRateText(range)}</p>}
        <ChartGrid
          charts={[
            ...(range === undefined ? [] : [rangeTestChart(range)]),
            ...lossCharts(steps),
            ...evaluationCharts(evaluations),
          ]}
        />
        {evaluations.length === 0 ? null : <EvaluationTable evaluations={evaluations} />}
        {choice && <ChoiceSection choice={choice} />}
        <h2>Configuration</h2>
        <pre>{JSON.stringify(configuration, null, 2)}</pre>
      </>
    ),
  });
}

function stepFigures(steps: readonly StepEntry[]): readonly KeyFigure[] {
  const last = steps.at(-1);
  if (last === undefined) return [];
  const mean = (of: (entry: StepEntry) => number): number =>
    steps.reduce((sum, entry) => sum + of(entry), 0) / steps.length;
  const waited = percent(mean(({ waitedShare }) => waitedShare));
  return [
    { label: 'steps', value: last.step.toLocaleString('en'), note: `${last.epoch.toFixed(2)} epochs` },
    { label: 'loss', value: last.loss.toPrecision(4), note: 'at the end' },
    {
      label: 'images/s',
      value: mean(({ imagesPerSecond }) => imagesPerSecond).toFixed(1),
      note: `the engine waited for data ${waited} of the time`,
    },
  ];
}

/** What came out at the end on each set. */
function lastEvaluations(evaluations: readonly EvaluationEntry[]): readonly KeyFigure[] {
  return setsOf(evaluations).flatMap((set) => {
    const last = evaluations.findLast((entry) => entry.set === set);
    if (last === undefined) return [];
    const { accuracyMean, accuracyStandardDeviation: deviation, equalErrorRate } = last;
    return [
      {
        label: `accuracy, ${set}`,
        value: percent(accuracyMean),
        note: `± ${percent(deviation)} over the folds; EER ${percent(equalErrorRate)}`,
      },
    ];
  });
}

function lossCharts(steps: readonly StepEntry[]): readonly Chart[] {
  const curve = curvesOf(steps);
  const distillation = curve('distillation', ({ distillationLoss }) => distillationLoss);
  return descentCharts(steps, [
    curve('total', ({ loss }) => loss),
    curve('face', ({ faceLoss }) => faceLoss),
    curve('symmetry', ({ symmetryLoss }) => symmetryLoss),
    ...(distillation.points.length === 0 ? [] : [distillation]),
  ]);
}

function evaluationCharts(evaluations: readonly EvaluationEntry[]): readonly Chart[] {
  const curves = (of: (entry: EvaluationEntry) => number | undefined): readonly LineSeries[] =>
    setsOf(evaluations)
      .map((name) => curvesOf(evaluations.filter(({ set }) => set === name))(name, of))
      .filter(({ points }) => points.length > 0);
  const halves = curves(({ halfRatio }) => halfRatio);
  const figures = [
    {
      title: 'Accuracy',
      label: 'mean over the folds',
      format: 'percent' as const,
      series: curves(({ accuracyMean }) => accuracyMean),
    },
    {
      title: 'True accept rate',
      label: 'true accept rate',
      format: 'percent' as const,
      series: rateCurves(evaluations),
    },
    {
      title: 'Distance of a face’s halves over that of different persons’',
      label: 'ratio; 1 for a constant embedding',
      series: halves,
    },
  ];
  return figures.filter(({ series }) => series.length > 0).map(stepChart);
}

/** The true accept rate on each set at the lowest false match rate that its pairs can tell. */
function rateCurves(evaluations: readonly EvaluationEntry[]): readonly LineSeries[] {
  return setsOf(evaluations).flatMap((set) => {
    const own = evaluations.filter((entry) => entry.set === set);
    const lowest = falseMatchRatesOf(own).at(-1);
    if (lowest === undefined) return [];
    return [
      curvesOf(own)(`${set}, FMR ${falseMatchRateText(lowest)}`, ({ trueAcceptRates }) => {
        const rate = trueAcceptRates.find(({ falseMatchRate }) => falseMatchRate === lowest);
        return rate?.trueAcceptRate;
      }),
    ];
  });
}

/** The highest first. */
function falseMatchRatesOf(evaluations: readonly EvaluationEntry[]): readonly number[] {
  const rates = evaluations.flatMap(({ trueAcceptRates }) =>
    trueAcceptRates.map(({ falseMatchRate }) => falseMatchRate),
  );
  return [...new Set(rates)].toSorted((a, b) => b - a);
}

function setsOf(evaluations: readonly EvaluationEntry[]): readonly string[] {
  return [...new Set(evaluations.map(({ set }) => set))];
}

function EvaluationTable({ evaluations }: { readonly evaluations: readonly EvaluationEntry[] }): JSX.Element {
  const haveHalves = evaluations.some(({ halfDistance }) => halfDistance !== undefined);
  const rates = falseMatchRatesOf(evaluations);
  const rows = evaluations.map((entry) => {
    const { step, set, accuracyMean, accuracyStandardDeviation, equalErrorRate, trueAcceptRates } = entry;
    const { halfDistance, halfRatio, halfAreaUnderCurve } = entry;
    const accepted = rates.map((rate) => {
      const of = trueAcceptRates.find(({ falseMatchRate }) => falseMatchRate === rate);
      return of === undefined ? '' : percent(of.trueAcceptRate);
    });
    const halves = [
      halfDistance?.toFixed(4) ?? '',
      halfRatio?.toFixed(3) ?? '',
      halfAreaUnderCurve === undefined ? '' : percent(halfAreaUnderCurve),
    ];
    return [
      set,
      step.toLocaleString('en'),
      `${(accuracyMean * 100).toFixed(2)} ± ${percent(accuracyStandardDeviation)}`,
      percent(equalErrorRate),
      ...accepted,
      ...(haveHalves ? halves : []),
    ];
  });
  const halfHeadings = ['distance of halves', 'ratio of halves', 'half-to-half AUC'];
  return (
    <>
      <h2>Verification</h2>
      <DataTable
        title="Verification"
        headings={[
          'set',
          'step',
          'accuracy',
          'EER',
          ...rates.map((rate) => `TAR at ${falseMatchRateText(rate)}`),
          ...(haveHalves ? halfHeadings : []),
        ]}
        rows={rows}
        figuresFrom={1}
      />
    </>
  );
}
