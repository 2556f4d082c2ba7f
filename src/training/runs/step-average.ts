import type { HalfSymmetry } from '../../core/protocols/metrics/half-symmetry.js';
import { meanLosses } from '../../learning/step/accumulation.js';
import type { StepProgress, TrainingPosition } from '../../learning/step/training-run.js';
import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';
import type { EvaluationEntry, StepEntry } from './run-log.js';

/** Figures of the steps since the log's last entry. */
export class StepAverage {
  private steps: StepProgress[] = [];
  private samples = 0;

  add(progress: StepProgress, samples: number): void {
    this.steps.push(progress);
    this.samples += samples;
  }

  /** The entry at a step, which begins the next average. */
  take({ position, learningRate }: StepProgress, batchesPerEpoch: number): StepEntry {
    const { steps, samples } = this;
    const total = (of: (progress: StepProgress) => number): number =>
      steps.reduce((sum, progress) => sum + of(progress), 0);
    const waitedMs = total((progress) => progress.waitedMs);
    const allMs = waitedMs + total((progress) => progress.computedMs);
    const losses = meanLosses(steps.map(({ report }) => report));
    const gradientNorm = total(({ report }) => report.gradientNorm) / steps.length;
    this.steps = [];
    this.samples = 0;
    return {
      kind: 'steps',
      step: position.step,
      epoch: position.epoch + position.batch / batchesPerEpoch,
      learningRate,
      ...losses,
      gradientNorm,
      imagesPerSecond: (samples * 1000) / allMs,
      waitedShare: waitedMs / allMs,
    };
  }
}

export function evaluationEntry(
  { step }: Pick<TrainingPosition, 'step'>,
  { set, report, halves }: Omit<EvaluationResult, 'scores'>,
): EvaluationEntry {
  const { accuracy, equalErrorRate, areaUnderCurve, trueAcceptRates, classVariance } = report;
  return {
    kind: 'evaluation',
    step,
    set,
    accuracyMean: accuracy.mean,
    accuracyStandardDeviation: accuracy.standardDeviation,
    equalErrorRate,
    areaUnderCurve,
    trueAcceptRates: trueAcceptRates.map(({ falseMatchRate, trueAcceptRate }) => ({
      falseMatchRate,
      trueAcceptRate,
    })),
    ...(classVariance === undefined
      ? {}
      : { interClassVariance: classVariance.interClass, intraClassVariance: classVariance.intraClass }),
    ...(halves === undefined ? {} : halfFigures(halves)),
  };
}

function halfFigures({
  faceCount,
  distance,
  ratio,
  areaUnderCurve,
}: HalfSymmetry): Pick<
  EvaluationEntry,
  'halfFaceCount' | 'halfDistance' | 'halfRatio' | 'halfAreaUnderCurve'
> {
  return {
    halfFaceCount: faceCount,
    halfDistance: distance,
    ...(ratio === undefined ? {} : { halfRatio: ratio }),
    ...(areaUnderCurve === undefined ? {} : { halfAreaUnderCurve: areaUnderCurve }),
  };
}
