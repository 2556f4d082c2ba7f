import type { TrainableFace } from './trainable-face.js';

/** Chooses, of all identities, those that are not trained on. */
export type HeldOutSelector = (identities: readonly string[]) => ReadonlySet<string>;

/**
 * Makes a file of faces, piece by piece: their crops stay encrypted, and identities are numbered in their order.
 * @param chooseHeldOut asked once all identities are known
 */
export type SnapshotEncoder = (
  faces: AsyncIterable<TrainableFace>,
  chooseHeldOut: HeldOutSelector,
) => AsyncIterable<Uint8Array>;
