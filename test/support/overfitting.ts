import { OrtTrainingEngine } from '../../src/learning/engines/ort-training-engine.js';
import { createBackbone } from '../../src/learning/backbones/backbone.js';
import { backboneArchitecture } from '../../src/learning/backbones/catalogue.js';
import type { TrainingBatch } from '../../src/learning/sampler/training-batch.js';
import { createFaceLoss } from '../../src/learning/losses/face-losses.js';
import { initialState } from '../../src/learning/step/initial-state.js';
import type { TrainingSpec } from '../../src/learning/step/training-spec.js';

const CLASSES = 8;

/** Images of one size, each [side, side, 3] of bytes, as a batch of full faces with the given labels. */
export function batchOf(images: readonly Uint8Array[], labels: readonly number[]): TrainingBatch {
  const pixels = Float32Array.from(Buffer.concat(images), (value) => (value - 127.5) / 128);
  return {
    images: pixels,
    labels: Int32Array.from(labels),
    sampleMask: new Float32Array(images.length).fill(1),
    rho: new Float32Array(),
  };
}

/**
 * Trains a network from nothing on one batch of 8 classes, until the loss is below `enough` or the steps are over.
 * @returns the face loss of every step
 */
export async function overfit(
  design: string,
  side: number,
  batch: TrainingBatch,
  { steps, enough, learningRate }: { steps: number; enough: number; learningRate: number },
): Promise<readonly number[]> {
  const batchSize = batch.labels.length;
  const spec: TrainingSpec = {
    backbone: createBackbone(backboneArchitecture(design), {
      inputSize: { height: side, width: side },
      embeddingSize: 64,
    }),
    faceLoss: createFaceLoss('arcface', { scale: 16, marginRadians: 0.3 }),
    classCount: CLASSES,
    symmetry: {},
    sgd: {
      momentum: 0.9,
      weightDecay: { weights: 0, 'last-layer': 0, normalisation: 0, slopes: 0, head: 0 },
      gradientClipNorm: 5,
    },
    normalisation: 'live',
    batch: { batchSize, splitSlots: 0, imageHeight: side, imageWidth: side },
  };
  const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), {
    provider: 'cpu',
    threads: 2,
  });
  const losses: number[] = [];
  while (losses.length < steps && !((losses.at(-1) ?? Infinity) < enough))
    losses.push((await engine.step(batch, learningRate)).faceLoss);
  await engine.close();
  return losses;
}
