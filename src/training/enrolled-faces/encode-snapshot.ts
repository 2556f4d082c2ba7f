import { createHash } from 'node:crypto';

import type { HeldOutSelector } from './snapshot-encoder.js';
import type { TrainableFace } from './trainable-face.js';
import { encodeRecord, encodeTrailer, snapshotMagic } from './snapshot-layout.js';

/** A snapshot's bytes; its crops pass through, its index stays in memory until they have. */
export async function* encodeSnapshot(
  faces: AsyncIterable<TrainableFace>,
  chooseHeldOut: HeldOutSelector,
): AsyncGenerator<Uint8Array> {
  const numbers = new Map<string, number>();
  const records: Buffer[] = [];
  let offset = snapshotMagic.length;
  yield snapshotMagic;
  for await (const { faceId, identity: key, rho, landmarks, sealedCrop } of faces) {
    const identity = numbers.get(key) ?? numbers.size;
    numbers.set(key, identity);
    const byteLength = sealedCrop.length;
    records.push(encodeRecord({ faceId, identity, offset, byteLength, rho, landmarks }));
    offset += byteLength;
    yield sealedCrop;
  }
  const heldOut = chooseHeldOut([...numbers.keys()]);
  const flags = Uint8Array.from(numbers.keys(), (key) => (heldOut.has(key) ? 1 : 0));
  const index = Buffer.concat([...records, flags]);
  yield index;
  const sha256 = createHash('sha256').update(index).digest();
  yield encodeTrailer({
    faceCount: records.length,
    identityCount: numbers.size,
    indexOffset: offset,
    sha256,
  });
}
