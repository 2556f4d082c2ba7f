import { createHash, randomUUID } from 'node:crypto';
import type { Enrolment, NewFace } from '../../src/service/enrolment/faces/enrolment.js';
import { type Caller, defaultTenant } from '../../src/service/access/caller.js';
import type { SubjectKey } from '../../src/service/platform/resource-names.js';
import { sampleAnalysedFace } from './sample-analysed-face.js';

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
  const { landmarks } = sampleAnalysedFace;
  return {
    id,
    photographed: {
      crop: { encoded: Buffer.from('the bytes of a crop'), width: 140, height: 150, landmarks },
      face: sampleAnalysedFace,
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
