import type { TrainingBatch } from '../sampler/training-batch.js';

/** A teacher's unit embeddings of a run's faces. */
export interface TeacherTargets {
  /** D */
  readonly dimension: number;
  /** [N, D], row after row in the order of the faces */
  readonly embeddings: Float32Array;
}

/**
 * The targets less their mean, at unit length again. Embeddings that lie to one side of the origin are all nearly the same
 * direction: whoever learns that direction is near to every target, and what tells faces apart is hardly seen.
 * @throws RangeError where a target is the mean itself
 */
export function centred({ dimension, embeddings }: TeacherTargets): TeacherTargets {
  const count = embeddings.length / dimension;
  const mean = new Float64Array(dimension);
  for (const [index, value] of embeddings.entries())
    mean[index % dimension] = (mean[index % dimension] ?? 0) + value / count;
  const moved = embeddings.map((value, index) => value - (mean[index % dimension] ?? 0));
  for (let row = 0; row < count; row++)
    normaliseRow(moved.subarray(row * dimension, (row + 1) * dimension), row);
  return { dimension, embeddings: moved };
}

function normaliseRow(values: Float32Array, row: number): void {
  const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  if (!(norm > 0)) throw new RangeError(`the target of face ${row} is the mean of all and has no direction`);
  for (const [index, value] of values.entries()) values[index] = value / norm;
}

/**
 * A batch with the targets of its whole faces. Halves have none: the teacher saw the face.
 * @param faces [B] which face each sample is of
 */
export function withTargets<Batch extends TrainingBatch>(
  batch: Batch,
  faces: Uint32Array,
  { dimension, embeddings: all }: TeacherTargets,
): Batch {
  const { sampleMask, rho } = batch;
  const mask = sampleMask.map((isSample, sample) => (isHalf(sample, rho) ? 0 : isSample));
  const embeddings = new Float32Array(faces.length * dimension);
  for (const [sample, face] of faces.entries()) {
    if (mask[sample] === 1)
      embeddings.set(all.subarray(face * dimension, (face + 1) * dimension), sample * dimension);
  }
  return { ...batch, targets: { embeddings, mask } };
}

/** Tells whether a sample is among the first P or the next P and its slot has a frontness. */
function isHalf(sample: number, rho: Float32Array): boolean {
  const slot = sample < rho.length ? sample : sample - rho.length;
  return (rho[slot] ?? 0) > 0;
}
