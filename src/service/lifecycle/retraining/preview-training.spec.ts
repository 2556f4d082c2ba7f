import { expect, it, vi } from 'vitest';
import type { BackboneManifest } from '../../../core/models/manifest.js';
import { arcFacePreset } from '../../../core/models/presets.js';
import { CreateTraining } from './create-training.js';
import type { TrainingDataCounts } from './training-data-counts.js';

const counts: TrainingDataCounts = {
  enrolledIdentities: 50,
  enrolledFaces: 300,
  consentingIdentities: 30,
  consentingFaces: 180,
  identities: 20,
  faces: 100,
  frontalFaces: 30,
};
const manifest = arcFacePreset({ dimension: 8 }) as object as BackboneManifest;
const version = { id: 'net-0123456789ab', contractDigest: '', createTime: '', manifest };
const request = { parent: undefined, policy: {}, activateWhenPassed: false };

function training(found: TrainingDataCounts) {
  const enqueue = vi.fn();
  const create = new CreateTraining({
    jobs: { enqueue },
    registry: { get: () => Promise.resolve({ version, folder: '' }) },
    faces: {
      count: () => Promise.resolve(found),
      identities: () =>
        Promise.resolve(
          Array.from({ length: found.identities }, (_, index) => ({
            identity: `person ${index}`,
            collection: 'one',
            faceCount: 5,
          })),
        ),
    },
    operatingPoint: { current: () => Promise.resolve({ falseMatchRate: 1e-3, set: undefined }) },
    served: () => version.id,
  });
  return { create, enqueue };
}

it('counts what would be trained on and held out, and queues nothing', async () => {
  const { create, enqueue } = training(counts);
  await expect(create.preview(request)).resolves.toEqual({ counts, heldOutIdentities: 4 });
  expect(enqueue).not.toHaveBeenCalled();
});

it('refuses as a training is refused', async () => {
  const { create } = training({ ...counts, identities: 3 });
  await expect(create.preview(request)).rejects.toMatchObject({
    reason: 'TRAINING_DATA_INSUFFICIENT',
  });
  await expect(create.preview({ ...request, policy: { epochs: 0 } })).rejects.toMatchObject({
    reason: 'INVALID_ARGUMENT',
  });
});
