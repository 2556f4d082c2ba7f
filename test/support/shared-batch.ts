import type { TrainingBatch } from '../../src/learning/sampler/training-batch.js';
import { someBatch } from './small-training-spec.js';

/** Eight samples without padding: left halves, right halves, then full faces. */
export function wholeBatch(step: number): TrainingBatch {
  const batch = someBatch(step);
  return { ...batch, sampleMask: batch.sampleMask.fill(1), rho: Float32Array.of(0.6, 0.9) };
}

/** The half of a batch that one of two processes has: a split face, and two full ones. */
export function halfOf({ images, labels, rho }: TrainingBatch, rank: number): TrainingBatch {
  const pixels = images.length / labels.length;
  const samples = [rank, 2 + rank, 4 + 2 * rank, 5 + 2 * rank];
  return {
    images: Float32Array.from(samples.flatMap((at) => [...images.subarray(at * pixels, (at + 1) * pixels)])),
    labels: Int32Array.from(samples, (at) => labels[at]!),
    sampleMask: new Float32Array(samples.length).fill(1),
    rho: rho.slice(rank, rank + 1),
  };
}
