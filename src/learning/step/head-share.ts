import type { WeightArray, Weights } from '../../core/models/weights.js';
import { requireWithin } from '../losses/hyperparameter.js';
import type { TrainingState } from './training-engine.js';
import { HEAD, type TrainingSpec } from './training-spec.js';

/** The classes whose weights one of several processes has: consecutive ones. */
export interface HeadShare {
  /** The first one's number */
  readonly first: number;
  readonly classCount: number;
  /** How many of them a step is computed on (Partial FC). Absent: all */
  readonly sampledClasses?: number;
}

type Process = Readonly<Record<'rank' | 'size', number>>;

/**
 * The share of a head that is split, as even as it can be. Of a sampled head each process draws among its own classes, with room
 * for those of all samples of a step.
 * @throws RangeError where there are too few classes
 */
export function headShareOf(
  { classCount: all, sampledClasses, batch, accumulateSteps = 1 }: TrainingSpec,
  { rank, size }: Process,
): HeadShare {
  requireWithin('head.split: processes', size, 1, Math.floor(all / 2));
  const first = Math.floor((rank * all) / size);
  const classCount = Math.floor(((rank + 1) * all) / size) - first;
  if (sampledClasses === undefined) return { first, classCount };
  const drawn = Math.max(Math.ceil((sampledClasses * classCount) / all), batch.batchSize * accumulateSteps);
  return { first, classCount, sampledClasses: Math.min(classCount, drawn) };
}

/** What a process trains whose head is a share. */
export function specOfShare(spec: TrainingSpec, { classCount, sampledClasses }: HeadShare): TrainingSpec {
  return { ...spec, classCount, ...(sampledClasses === undefined ? {} : { sampledClasses }) };
}

/** The state with no more of the class weights, and of their momentum, than a share. The other arrays are the same. */
export function stateOfShare(state: TrainingState, share: HeadShare): TrainingState {
  return {
    ...state,
    weights: withShare(state.weights, share),
    velocities: withShare(state.velocities, share),
  };
}

function withShare(arrays: Weights, { first, classCount }: HeadShare): Weights {
  const whole = arrays.get(HEAD);
  if (whole === undefined) return arrays;
  const [rows = 0, all = 0] = whole.shape;
  // It is one already, as that of a process which goes on with other layers.
  if (all === classCount) return arrays;
  const values = new Float32Array(rows * classCount);
  for (let row = 0; row < rows; row++) {
    const from = row * all + first;
    values.set(whole.values.subarray(from, from + classCount), row * classCount);
  }
  return new Map([...arrays, [HEAD, { shape: [rows, classCount], values } satisfies WeightArray]]);
}
