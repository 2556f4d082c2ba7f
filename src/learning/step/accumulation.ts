import type { Accumulation, StepReport } from './training-engine.js';

/** One batch, one step. */
export const NO_ACCUMULATION: Accumulation = { batchCount: 1, isLast: true };

/**
 * The place of a batch among those of its step: each step has N of them, the epoch's last what is left over.
 * @param accumulateSteps N
 * @param batch from 0
 */
export function accumulationAt(
  accumulateSteps: number,
  batch: number,
  batchesPerEpoch: number,
): Accumulation {
  const first = batch - (batch % accumulateSteps);
  const batchCount = Math.max(1, Math.min(accumulateSteps, batchesPerEpoch - first));
  return { batchCount, isLast: batch === first + batchCount - 1 };
}

/** Steps of descent in an epoch. */
export function stepsIn(accumulateSteps: number, batchesPerEpoch: number): number {
  return Math.ceil(batchesPerEpoch / accumulateSteps);
}

/** What a step tells that was computed batch by batch: mean losses, and the gradient after the last. */
export function reportOfStep(reports: readonly StepReport[]): StepReport {
  return { ...meanLosses(reports), gradientNorm: reports.at(-1)?.gradientNorm ?? Number.NaN };
}

/** The loss and its parts; a part that is not trained on has no mean. */
export function meanLosses(reports: readonly StepReport[]): Omit<StepReport, 'gradientNorm'> {
  const mean = (of: (report: StepReport) => number): number =>
    reports.reduce((sum, report) => sum + of(report), 0) / reports.length;
  return {
    loss: mean(({ loss }) => loss),
    faceLoss: mean(({ faceLoss }) => faceLoss),
    symmetryLoss: mean(({ symmetryLoss }) => symmetryLoss),
    ...meanDistillationLoss(reports),
  };
}

function meanDistillationLoss(reports: readonly StepReport[]): Pick<StepReport, 'distillationLoss'> {
  if (reports.every(({ distillationLoss }) => distillationLoss === undefined)) return {};
  const sum = reports.reduce((total, { distillationLoss = Number.NaN }) => total + distillationLoss, 0);
  return { distillationLoss: sum / reports.length };
}
