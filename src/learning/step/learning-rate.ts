import { requireWithin } from '../losses/hyperparameter.js';

/** Step schedule: the rate is multiplied by a factor at the start of some epochs. */
export interface LearningRateSchedule {
  readonly initial: number;
  /** Counted from 0: 17 is the epoch after seventeen whole ones. */
  readonly dropEpochs: readonly number[];
  readonly dropFactor: number;
  /** The rate rises linearly over so many steps first; 0 for none. */
  readonly warmUpSteps: number;
}

/** @throws RangeError naming what is out of its range */
export function requireSchedule({
  initial,
  dropEpochs,
  dropFactor,
  warmUpSteps,
}: LearningRateSchedule): void {
  requireWithin('learningRate.initial', initial, 0, 100);
  requireWithin('learningRate.dropFactor', dropFactor, 0, 1);
  requireWithin('learningRate.warmUpSteps', warmUpSteps, 0, 1e9);
  for (const epoch of dropEpochs) requireWithin('learningRate.dropEpochs', epoch, 0, 1e6);
}

/** @param step of the whole run, counted from 0 */
export function learningRateAt(schedule: LearningRateSchedule, epoch: number, step: number): number {
  const { initial, dropEpochs, dropFactor, warmUpSteps } = schedule;
  const drops = dropEpochs.filter((dropEpoch) => epoch >= dropEpoch).length;
  const warmUp = Math.min(1, (step + 1) / (warmUpSteps + 1));
  return initial * dropFactor ** drops * warmUp;
}

/** Half a cosine from the first rate down to nearly nothing (Loshchilov and Hutter, SGDR, Eq. 5, without restarts). */
export interface CosineSchedule {
  readonly initial: number;
  /** The rate rises linearly over so many steps first; 0 for none. */
  readonly warmUpSteps: number;
  /** Steps of the whole run. */
  readonly steps: number;
}

/** What the rate ends at, as a share of the first. */
const LAST_SHARE = 0.01;

/** @param step of the whole run, counted from 0 */
export function cosineRateAt({ initial, warmUpSteps, steps }: CosineSchedule, step: number): number {
  const warmUp = Math.min(1, (step + 1) / (warmUpSteps + 1));
  const done = Math.min(1, step / Math.max(1, steps));
  return initial * warmUp * (LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + Math.cos(Math.PI * done)));
}
