import type { DatasetImageKind } from '../../core/protocols/benchmark-dataset.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import { openChosenFaces } from './chosen-faces.js';
import type { OpenedFaces } from './data-loader-options.js';
import { FaceReader } from './face-reader.js';

/** Faces of identities that a run does not train on. */
export interface HeldOutFaces {
  readonly faces: readonly HeldOutFace[];
  /** Index in `identities`, one a face */
  readonly labels: Int32Array;
  readonly identities: readonly string[];
}

export interface HeldOutFace {
  readonly name: string;
  readonly imageKind: DatasetImageKind;
  readonly landmarks: Landmarks | undefined;
  /** 0 where none is known */
  readonly rho: number;
  /** @throws Failure DATASET_INVALID where the image cannot be read */
  readonly read: () => Promise<Uint8Array>;
}

/**
 * @param identities of the data, those that are held out
 * @throws Failure DATASET_INVALID naming what is wrong with the data
 */
export async function openHeldOutFaces(
  config: OpenedFaces,
  identities: readonly string[],
): Promise<HeldOutFaces> {
  if (identities.length === 0) return { faces: [], labels: new Int32Array(), identities };
  const { faces: chosen } = await openChosenFaces(config, () => ({ include: identities, holdOut: [] }));
  const reader = new FaceReader(config.encryptionKey);
  const faces = Array.from({ length: chosen.counts.faces }, (_, index): HeldOutFace => {
    const face = chosen.prepare(index);
    const { name, imageKind, landmarks } = face;
    return { name, imageKind, landmarks, rho: chosen.rho[index] ?? 0, read: async () => reader.read(face) };
  });
  return { faces, labels: chosen.labels, identities: chosen.identities };
}
