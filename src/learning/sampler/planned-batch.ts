import type { SampleBatch } from './epoch-sampler.js';
import { samplePart, type TrainingCrop, writeSample } from './face-sample.js';
import type { TrainingBatch } from './training-batch.js';

/** What of the faces a batch says beside their images. */
export interface LabelledFaces {
  /** [N] the class of each face, 0 to C - 1 */
  readonly labels: ArrayLike<number>;
  /** [N] frontness ρ of each face; 0 where none is known */
  readonly rho: ArrayLike<number>;
}

/** All of a planned batch but its images. @param splitSlots P of the run's layout */
export function batchLabels(
  { samples, splitFaceCount }: SampleBatch,
  faces: LabelledFaces,
  splitSlots: number,
): Pick<TrainingBatch, 'labels' | 'sampleMask' | 'rho'> {
  const rho = new Float32Array(splitSlots);
  for (let slot = 0; slot < splitFaceCount; slot++) rho[slot] = faces.rho[samples[slot]?.face ?? 0] ?? 0;
  return {
    labels: Int32Array.from(samples, ({ face }) => faces.labels[face] ?? 0),
    sampleMask: Float32Array.from(samples, ({ isPadding }) => (isPadding ? 0 : 1)),
    rho,
  };
}

/**
 * A planned batch of faces in memory: mirrored and split as the plan says.
 *
 * @param crops of the planner's faces, by their index and all of one size
 * @param splitSlots P of the planner's layout
 * @throws RangeError where a face is missing, or one without a nose is to be split
 */
export function trainingBatch(
  planned: SampleBatch,
  crops: readonly TrainingCrop[],
  faces: LabelledFaces,
  splitSlots: number,
): TrainingBatch {
  const { samples } = planned;
  const images = new Float32Array(samples.length * (crops[0]?.image.pixels.length ?? 0));
  for (const [position, { face, part, isFlipped }] of samples.entries()) {
    const crop = crops[face];
    if (crop === undefined) throw new RangeError(`there is no face ${face}`);
    writeSample(samplePart(crop, part, isFlipped), images, position);
  }
  return { images, ...batchLabels(planned, faces, splitSlots) };
}
