import { createHash, randomUUID } from 'node:crypto';
import type { Enrolment, NewFace } from '../../src/service/enrolment/faces/enrolment.js';
import { type Caller, defaultTenant } from '../../src/service/access/caller.js';
import type { SubjectKey } from '../../src/service/platform/resource-names.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';

export const someCaller: Caller = {
  actor: 'apiKeys/0123456789abcdef',
  tenant: defaultTenant,
  role: 'client',
};

/** A direction in `dimension` dimensions, another one for each number. */
export function unitVector(seed: number, dimension = 8): Float32Array {
  const values = Array.from({ length: dimension }, (_, index) => Math.sin(seed * 12.9898 + index * 78.233));
  const norm = Math.hypot(...values);
  return Float32Array.from(values, (value) => value / norm);
}

export function newFace(embedding: Float32Array = unitVector(1), id: string = randomUUID()): NewFace {
  const { landmarks } = arcFaceTemplate;
  return {
    id,
    photographed: {
      crop: { encoded: Buffer.from('the bytes of a crop'), width: 140, height: 150, landmarks },
      face: {
        box: { x: 10, y: 20, width: 90, height: 100 },
        landmarks,
        probability: 0.99,
        rho: 0.875,
        noseOffsetPixels: 0.378,
        quality: {
          faceSizePixels: 90,
          detectionProbability: 0.99,
          sharpness: 250,
          brightness: 120,
          pose: { yawDegrees: 1, pitchDegrees: -2, rollDegrees: 3 },
          embeddingNorm: 17,
          utility: 90,
          occlusion: { mouth: 0.01, nose: 0.01, eyes: 0.02 },
          detailPixels: 60,
          appearance: [0.5, 0],
        },
      },
    },
    embedding,
    imageDigest: createHash('sha256').update(id).digest(),
  };
}

/** A face that comes as its embedding. */
export function faceFromEmbedding(embedding: Float32Array = unitVector(1)): NewFace {
  const id = randomUUID();
  const imageDigest = createHash('sha256').update(id).digest();
  return { id, photographed: undefined, embedding, imageDigest };
}

export function enrolmentOf(
  subject: SubjectKey,
  faces: readonly NewFace[],
  more: Partial<Enrolment> = {},
): Enrolment {
  return {
    subject,
    createSubject: true,
    displayName: '',
    allowDuplicates: false,
    actor: someCaller.actor,
    faces,
    modelVersion: 'net-1',
    detectorVersion: 'detector-1',
    ...more,
  };
}
