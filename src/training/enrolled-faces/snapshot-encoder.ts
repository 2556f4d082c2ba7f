import type { TrainableFace } from './trainable-face.js';

/** Whom not to train on, of all identities. */
export type ChooseHeldOut = (identities: readonly string[]) => ReadonlySet<string>;

/**
 * Makes a file of faces, piece by piece: their crops stay encrypted, and identities are numbered in their order.
 * @param chooseHeldOut asked once all identities are known
 */
export type SnapshotEncoder = (
  faces: AsyncIterable<TrainableFace>,
  chooseHeldOut: ChooseHeldOut,
) => AsyncIterable<Uint8Array>;
