import type { SecretBox } from './secret-box.js';

/** Embeddings are stored as little-endian float32. */
const bytesPerNumber = 4;

export function sealTemplate(
  box: SecretBox,
  faceId: string,
  modelVersion: string,
  embedding: Float32Array,
): Uint8Array {
  const bytes = Buffer.alloc(embedding.length * bytesPerNumber);
  embedding.forEach((value, index) => bytes.writeFloatLE(value, index * bytesPerNumber));
  return box.seal(bytes, templateContext(faceId, modelVersion));
}

/** @throws DecryptionError */
export function openTemplate(
  box: SecretBox,
  faceId: string,
  modelVersion: string,
  sealed: Uint8Array,
): Float32Array {
  const bytes = Buffer.from(box.open(sealed, templateContext(faceId, modelVersion)));
  return Float32Array.from({ length: bytes.length / bytesPerNumber }, (_, index) =>
    bytes.readFloatLE(index * bytesPerNumber),
  );
}

export function sealCrop(box: SecretBox, faceId: string, encoded: Uint8Array): Uint8Array {
  return box.seal(encoded, cropContext(faceId));
}

/** @throws DecryptionError */
export function openCrop(box: SecretBox, faceId: string, sealed: Uint8Array): Uint8Array {
  return box.open(sealed, cropContext(faceId));
}

/** The digest of an enrolled image: equal in one collection only, and not to be computed without the key. */
export function digestImage(box: SecretBox, collection: string, encoded: Uint8Array): Uint8Array {
  return box.digest(encoded, `image ${collection}`);
}

function templateContext(faceId: string, modelVersion: string): string {
  return `template ${faceId} ${modelVersion}`;
}

function cropContext(faceId: string): string {
  return `crop ${faceId}`;
}
