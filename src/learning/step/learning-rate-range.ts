import { Failure } from '../../core/failure.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingEngine } from './training-engine.js';

/** A sweep of learning rates: each step's is the same factor above that of the step before. */
export interface RangeTestPlan {
  readonly lowest: number;
  readonly highest: number;
  readonly steps: number;
}

/** Fine-tuning and training from drawn weights both end within. */
export const USUAL_RANGE: RangeTestPlan = { lowest: 1e-5, highest: 1, steps: 100 };

/** A step of the sweep. */
export interface RangePoint {
  readonly learningRate: number;
  /** Of its batch, before the step. */
  readonly loss: number;
  /** The mean of the losses of this step and of its neighbours before and after, of those that there are. */
  readonly smoothedLoss: number;
}

export interface RangeTest {
  /** The rate that the rule says. */
  readonly learningRate: number;
  /** Where the smoothed loss was lowest. */
  readonly lowest: RangePoint;
  readonly points: readonly RangePoint[];
}

/** Losses on either side of a step that its smoothed loss is the mean of: without them it is that of one batch. */
const NEIGHBOURS = 5;
/** Where the mean of the last losses is so much above the lowest that there was, higher rates need not be tried. */
const DIVERGED_FACTOR = 4;
/** Where the loss is lowest it is about to rise: the rate to train with is a tenth of that. */
const SAFETY_FACTOR = 10;

/**
 * The learning-rate range test (Smith 2015, arXiv 1506.01186, §3.3): a short training whose rate grows exponentially. The loss
 * falls while rates are large enough to learn, and rises once they are too large. The rule is a tenth of the rate at which
 * the smoothed loss was lowest.
 *
 * @param engine at the state that the training starts from; what it learns here is to be thrown away
 * @param batches those of the training; where they end before the sweep does, so does the sweep
 * @returns undefined where the signal came before the end
 * @throws Failure TRAINING_DIVERGED where not even the first steps have a finite loss
 */
export async function testLearningRates(
  engine: Pick<TrainingEngine, 'step'>,
  batches: AsyncIterable<TrainingBatch>,
  plan: RangeTestPlan,
  signal: AbortSignal,
): Promise<RangeTest | undefined> {
  const losses: number[] = [];
  let least = Infinity;
  for await (const batch of batches) {
    if (signal.aborted) return undefined;
    const loss = await finiteLoss(engine, batch, rateAt(plan, losses.length), losses.length);
    if (loss === undefined) break;
    losses.push(loss);
    const latest = mean(losses.slice(-NEIGHBOURS));
    least = Math.min(least, latest);
    if (latest > DIVERGED_FACTOR * least || losses.length >= plan.steps) break;
  }
  return signal.aborted ? undefined : byRule(pointsOf(losses, plan));
}

function pointsOf(losses: readonly number[], plan: RangeTestPlan): readonly RangePoint[] {
  return losses.map((loss, step) => ({
    learningRate: rateAt(plan, step),
    loss,
    smoothedLoss: mean(losses.slice(Math.max(0, step - NEIGHBOURS), step + NEIGHBOURS + 1)),
  }));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param step from 0 */
export function rateAt({ lowest, highest, steps }: RangeTestPlan, step: number): number {
  return lowest * (highest / lowest) ** (step / Math.max(1, steps - 1));
}

/** @returns undefined where the step is not finite any more, as it will be of rates that are too high */
async function finiteLoss(
  engine: Pick<TrainingEngine, 'step'>,
  batch: TrainingBatch,
  learningRate: number,
  step: number,
): Promise<number | undefined> {
  try {
    return (await engine.step(batch, learningRate)).loss;
  } catch (error) {
    const isDivergence = error instanceof Failure && error.reason === 'TRAINING_DIVERGED';
    if (isDivergence && step > 0) return undefined;
    throw error;
  }
}

function byRule(points: readonly RangePoint[]): RangeTest {
  // At the ends there are fewer neighbours, and means of few batches.
  const whole = points.slice(NEIGHBOURS, -NEIGHBOURS);
  const compared = whole.length > 0 ? whole : points;
  const lowest = compared.reduce((least, point) => (point.smoothedLoss < least.smoothedLoss ? point : least));
  return { learningRate: lowest.learningRate / SAFETY_FACTOR, lowest, points };
}
