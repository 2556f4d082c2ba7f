import { createHmac } from 'node:crypto';
import { deriveKey, type SecretBox } from './secret-box.js';

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

/** The key of digests that an operator's key had before there were data keys. */
export function digestKeyOf(key: Uint8Array): Uint8Array {
  return deriveKey(key, 'symface digests');
}

/**
 * The digest of an enrolled image, HMAC-SHA-256: equal in one collection only, and not to be computed without the key, so that
 * whoever reads it cannot find out of which image it is by trying.
 */
export function digestImage(key: Uint8Array, collection: string, encoded: Uint8Array): Uint8Array {
  return createHmac('sha256', key).update(`image ${collection}\0`).update(encoded).digest();
}

/** What a template is sealed for. */
export function templateContext(faceId: string, modelVersion: string): string {
  return `template ${faceId} ${modelVersion}`;
}

/** What a crop is sealed for. */
export function cropContext(faceId: string): string {
  return `crop ${faceId}`;
}

/** What stands for the face's id where a measured image's template is sealed. @param digest of the image */
export function measurementName(digest: Uint8Array): string {
  return `measurement ${Buffer.from(digest).toString('hex')}`;
}
