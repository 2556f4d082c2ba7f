import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';

import { datasetFailure } from '../../datasets/dataset-failure.js';
import type { FaceMeasures } from '../data/face-measures.js';
import type { TrainingFaceSource } from '../data/training-face-source.js';
import {
  decodeRecord,
  decodeTrailer,
  recordBytes,
  type SnapshotRecord,
  type SnapshotTrailer,
  trailerBytes,
} from './snapshot-layout.js';

/**
 * Reads a snapshot's index. Crops stay in the file, and are checked when they are opened.
 * @throws Failure DATASET_INVALID where it cannot be read, is cut short or damaged
 */
export async function openSnapshot(path: string): Promise<TrainingFaceSource> {
  const file = await open(path).catch((cause: unknown) => {
    throw datasetFailure({ file: basename(path) }, 'cannot be read', cause);
  });
  try {
    const { size } = await file.stat();
    const trailer = decodeTrailer(await bytesAt(file, size - trailerBytes, trailerBytes));
    if (trailer === undefined) throw damaged(path);
    return sourceOf(path, trailer, await readIndex(file, path, trailer, size));
  } finally {
    await file.close();
  }
}

async function readIndex(
  file: FileHandle,
  path: string,
  { faceCount, identityCount, indexOffset, sha256 }: SnapshotTrailer,
  size: number,
): Promise<Buffer> {
  const length = faceCount * recordBytes + identityCount;
  if (indexOffset + length + trailerBytes !== size) throw damaged(path);
  const index = await bytesAt(file, indexOffset, length);
  if (createHash('sha256').update(index).digest().equals(sha256)) return index;
  throw damaged(path);
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  if (position < 0 || length === 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
  return buffer.subarray(0, bytesRead);
}

function damaged(path: string): Error {
  return datasetFailure({ file: basename(path) }, 'is no snapshot of faces, or is cut short or damaged');
}

function sourceOf(
  path: string,
  { faceCount, identityCount }: SnapshotTrailer,
  index: Buffer,
): TrainingFaceSource {
  const record = (face: number): SnapshotRecord => {
    if (face >= faceCount) throw new RangeError(`there is no face ${face}`);
    return decodeRecord(index.subarray(face * recordBytes, (face + 1) * recordBytes));
  };
  const identities = Array.from({ length: identityCount }, (_, identity) => String(identity));
  const isHeldOut = index.subarray(faceCount * recordBytes);
  const measures: FaceMeasures = {
    isTagged: () => true,
    hasFace: () => true,
    isUnreadable: () => false,
    rhoOf: (face) => record(face).rho,
    landmarksOf: (face) => record(face).landmarks,
    // What a crop was sealed with tells whether it was changed.
    digestStartOf: () => undefined,
  };
  return {
    format: 'enrolled-faces',
    faceCount,
    identities,
    heldOutIdentities: identities.filter((_, identity) => isHeldOut[identity] === 1),
    measures,
    identityOf: (face) => record(face).identity,
    nameOf: (face) => record(face).faceId,
    faceNamed: () => undefined,
    locationOf: (face) => {
      const { faceId, offset, byteLength } = record(face);
      return { kind: 'sealed', path, faceId, offset, byteLength };
    },
  };
}
