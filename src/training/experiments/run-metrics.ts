import { falseMatchRateText } from '../../core/protocols/figure-text.js';
import type { RunMetrics } from './experiment-results.js';
import type { EvaluationEntry, LogEntry, StepEntry } from '../runs/run-log.js';
import type { RunResult } from '../runs/run-result.js';

/**
 * What a finished run came to: losses as means of the last epoch's entries, figures of the evaluation at its last step.
 * A symmetry loss that was 0 throughout was not trained on, and is none.
 */
export function runMetrics(entries: readonly LogEntry[], outcome: RunResult): RunMetrics {
  const steps = entries.filter((entry) => entry.kind === 'steps');
  const exported = entries.filter(
    (entry) => entry.kind === 'evaluation' && entry.step === outcome.steps,
  ) as readonly EvaluationEntry[];
  return {
    training: { ...dataFigures(outcome), ...lossFigures(steps) },
    sets: Object.fromEntries(exported.map((entry) => [entry.set, evaluationMetrics(entry)])),
  };
}

function dataFigures({ data, steps }: RunResult): Readonly<Record<string, number>> {
  if (data === undefined) return { steps };
  const { classCount, faceCount, symmetricCount, samplesPerEpoch, samplesSeen } = data;
  const seen = samplesSeen === undefined ? {} : { samplesSeen };
  return { steps, classCount, faceCount, symmetricCount, samplesPerEpoch, ...seen };
}

function lossFigures(steps: readonly StepEntry[]): Readonly<Record<string, number>> {
  const end = steps.at(-1)?.epoch;
  if (end === undefined) return {};
  const lastEpoch = steps.filter(({ epoch }) => epoch > end - 1);
  const mean = (of: (entry: StepEntry) => number): number =>
    lastEpoch.reduce((sum, entry) => sum + of(entry), 0) / lastEpoch.length;
  const symmetryLoss = mean((entry) => entry.symmetryLoss);
  const hasTerm = steps.some((entry) => entry.symmetryLoss !== 0);
  return { faceLoss: mean(({ faceLoss }) => faceLoss), ...(hasTerm ? { symmetryLoss } : {}) };
}

/** The figures of an evaluation by their names in tables. */
export function evaluationMetrics(entry: EvaluationEntry): Readonly<Record<string, number>> {
  const { accuracyMean, equalErrorRate, areaUnderCurve, trueAcceptRates } = entry;
  const optional = {
    areaUnderCurve,
    interClassVariance: entry.interClassVariance,
    intraClassVariance: entry.intraClassVariance,
    halfRatio: entry.halfRatio,
    halfAreaUnderCurve: entry.halfAreaUnderCurve,
    halfDistance: entry.halfDistance,
  };
  return {
    accuracy: accuracyMean,
    equalErrorRate,
    ...Object.fromEntries(
      trueAcceptRates.map(({ falseMatchRate, trueAcceptRate }) => [
        `trueAcceptRate@${falseMatchRateText(falseMatchRate)}`,
        trueAcceptRate,
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(optional).flatMap(([figure, value]) => (value === undefined ? [] : [[figure, value]])),
    ),
  };
}
