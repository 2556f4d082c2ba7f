import type { JSX } from 'preact';

import type { VerificationReport } from '../../core/protocols/verification-report.js';
import { DataTable, type ReportTable } from '../../figures/report/data-table.js';
import { Facts, type KeyFigure, KeyFigures } from '../../figures/report/key-figures.js';
import { ChartGrid, reportPage } from '../../figures/static/report-page.js';
import type { BenchmarkRun__Output } from '../../generated/symface/v1/BenchmarkRun.js';
import type { ListWorstPairsResponse__Output } from '../../generated/symface/v1/ListWorstPairsResponse.js';
import { idIn } from '../enrolment-names.js';
import { falseMatchRateText, intervalText, percent } from '../../core/protocols/figure-text.js';
import { errorCharts, sliceChart } from './benchmark-charts.js';
import { measureWithUnit, symmetryWords } from '../../figures/report/slice-words.js';
import { shortTime } from './table.js';
import { WorstPairs } from './worst-pairs.js';

/** The worst pairs, or why they are not shown. */
export type WorstPairsShown = ListWorstPairsResponse__Output | string;

/** One page with everything in it: no script, nothing fetched. */
export function benchmarkHtml(
  run: BenchmarkRun__Output,
  report: VerificationReport,
  worstPairs: WorstPairsShown,
): string {
  const { roc, det, histogram } = errorCharts(report, idIn(run.modelVersion));
  const slices = sliceChart(report);
  const tables = [rateTable(report), sliceTable(report), foldTable(report)].filter(
    ({ rows }) => rows.length > 0,
  );
  return reportPage({
    kind: 'Verification benchmark',
    name: `${idIn(run.dataset)}, ${idIn(run.modelVersion)}`,
    children: (
      <>
        <KeyFigures figures={keyFigures(report)} />
        <Facts facts={facts(run, report)} />
        <ChartGrid charts={[roc, det, histogram, ...(slices === undefined ? [] : [slices])]} />
        {tables.map((table) => (
          <section key={table.title}>
            <h2>{table.title}</h2>
            <DataTable {...table} />
          </section>
        ))}
        <WorstPairsSection worstPairs={worstPairs} />
      </>
    ),
  });
}

function WorstPairsSection({ worstPairs }: { readonly worstPairs: WorstPairsShown }): JSX.Element {
  if (typeof worstPairs === 'string') return <p>Worst pairs are not shown: {worstPairs}</p>;
  return <WorstPairs {...worstPairs} />;
}

function keyFigures(report: VerificationReport): readonly KeyFigure[] {
  const { accuracy, equalErrorRate, equalErrorRateInterval, areaUnderCurve, trueAcceptRates } = report;
  return [
    {
      label: 'accuracy',
      value: percent(accuracy.mean),
      note: `± ${percent(accuracy.standardDeviation)} over ${accuracy.folds.length} folds`,
    },
    {
      label: 'equal error rate',
      value: percent(equalErrorRate),
      note: intervalText(equalErrorRateInterval, percent),
    },
    { label: 'area under the curve', value: areaUnderCurve.toFixed(6) },
    ...trueAcceptRates.map(({ falseMatchRate, trueAcceptRate, interval }) => ({
      label: `TAR at FMR ${falseMatchRateText(falseMatchRate)}`,
      value: percent(trueAcceptRate),
      note: intervalText(interval, percent),
    })),
  ];
}

function facts(
  run: BenchmarkRun__Output,
  report: VerificationReport,
): readonly (readonly [string, string])[] {
  const { genuinePairCount, impostorPairCount, facelessImageCount, facelessPairCount } = report;
  const { classVariance, meanEmbeddingNorm, halves } = report;
  const counted = run.facelessPolicy === 'FACELESS_POLICY_EXCLUDED' ? 'left out' : 'counted as “different”';
  return [
    ['measured', `${shortTime(run.createTime)}, by ${run.codeVersion}`],
    ['model', idIn(run.modelVersion)],
    ['detector', idIn(run.detectorVersion)],
    ['data set', `${idIn(run.dataset)}, digest ${run.report?.datasetDigest ?? 'not known'}`],
    ['pairs', `${count(genuinePairCount)} genuine, ${count(impostorPairCount)} impostor`],
    [
      'no face',
      `in ${count(facelessImageCount)} of ${count(run.imageCount)} images: ${count(facelessPairCount)} pairs, ${counted}`,
    ],
    ['mean norm', `${meanEmbeddingNorm.toFixed(3)}, before normalisation`],
    ...(classVariance === undefined
      ? []
      : [
          [
            'variance',
            `${classVariance.interClass.toFixed(4)} between persons, ${classVariance.intraClass.toFixed(4)} within`,
          ] as const,
        ]),
    ...(halves === undefined
      ? []
      : [
          [
            'halves',
            `distance of a face’s over that of different persons’ ${halves.distanceRatio.toFixed(3)}, half-to-half AUC ${percent(halves.areaUnderCurve)}, of ${count(halves.faceCount)} symmetric faces`,
          ] as const,
        ]),
  ];
}

function rateTable({ trueAcceptRates }: VerificationReport): ReportTable {
  return {
    title: 'True accept rates',
    headings: ['FMR', 'TAR', '95 % interval', 'similarity from', '95 % interval'],
    figuresFrom: 0,
    rows: trueAcceptRates.map((rate) => [
      falseMatchRateText(rate.falseMatchRate),
      percent(rate.trueAcceptRate),
      intervalText(rate.interval, percent),
      // JSON has null for a threshold that no pair reaches.
      typeof rate.similarityThreshold === 'number' ? rate.similarityThreshold.toFixed(4) : '-',
      intervalText(rate.similarityThresholdInterval, (similarity) => similarity.toFixed(4)),
    ]),
  };
}

function sliceTable({ frontnessSlices, qualitySlices }: VerificationReport): ReportTable {
  return {
    title: 'Slices of the pairs',
    headings: ['by', 'slice', 'pairs', 'genuine', 'accuracy'],
    figuresFrom: 2,
    rows: [
      ...frontnessSlices.map((slice) => [
        'symmetric faces (ρ > 0.2)',
        symmetryWords(slice),
        count(slice.pairCount),
        '',
        percent(slice.accuracy),
      ]),
      ...qualitySlices.map(({ measure, from, to, pairCount, genuinePairCount, accuracy }) => [
        `worse face by ${measureWithUnit(measure)}`,
        `${from.toFixed(1)} to ${to.toFixed(1)}`,
        count(pairCount),
        percent(genuinePairCount / pairCount),
        percent(accuracy),
      ]),
    ],
  };
}

function foldTable({ accuracy }: VerificationReport): ReportTable {
  return {
    title: 'Folds',
    headings: ['fold', 'accuracy', 'threshold (squared distance)'],
    figuresFrom: 0,
    rows: accuracy.folds.map((fold, index) => [
      String(index + 1),
      percent(fold.accuracy),
      fold.distanceThreshold.toFixed(2),
    ]),
  };
}

function count(value: number): string {
  return value.toLocaleString('en');
}
