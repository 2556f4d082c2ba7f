import { streamSeed, uniformGenerator } from '../../core/random/seeded-random.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { dropoutShape, type TrainingSpec } from './training-spec.js';

/** Keeps masks apart from what else is drawn from a run's seed. */
const STREAM = 0x64726f70;

/**
 * What a dropped layer's input is multiplied by: 0 for a share of the features, 1 / (1 - rate) for the others, so that
 * their mean stays (inverted dropout). The same for the same position of a run, whatever was drawn before.
 *
 * @param rate  probability that a feature is dropped, in [0, 1)
 * @param count of the features, of all samples together
 * @param place from 0: the epoch, and the batch in it
 */
export function dropoutMask(
  rate: number,
  count: number,
  seed: number,
  position: { readonly epoch: number; readonly batch: number },
): Float32Array {
  const uniform = uniformGenerator(
    streamSeed(streamSeed(streamSeed(seed, STREAM), position.epoch), position.batch),
  );
  const kept = 1 / (1 - rate);
  const mask = new Float32Array(count);
  for (let index = 0; index < count; index++) mask[index] = uniform() < rate ? 0 : kept;
  return mask;
}

/** A batch with the mask of its position, where the spec drops features. */
export function withDropout(
  batch: TrainingBatch,
  spec: Pick<TrainingSpec, 'backbone' | 'batch' | 'dropout'>,
  seed: number,
  position: { readonly epoch: number; readonly batch: number },
): TrainingBatch {
  const shape = dropoutShape(spec);
  if (shape === undefined) return batch;
  const count = shape.reduce((product, extent) => product * extent, 1);
  return { ...batch, dropoutMask: dropoutMask(spec.dropout ?? 0, count, seed, position) };
}
