import { l2Norm, l2Normalise } from '../../core/verification/similarity.js';
import type { Image__Output } from '../../generated/symface/v1/Image.js';
import type { QualityRequirement__Output } from '../../generated/symface/v1/QualityRequirement.js';
import type { TrustedEmbedding__Output } from '../../generated/symface/v1/TrustedEmbedding.js';
import { type Caller, requireRole } from '../access/caller.js';
import { invalidField } from '../../core/invalid-field.js';
import { readImage } from './image-fields.js';
import type { Probe, TrustedEmbedding } from './verification-request.js';

/** What a request looks for: its image or its embedding. @throws Failure INVALID_ARGUMENT, IMAGE_EMPTY, PERMISSION_DENIED */
export function readProbe(
  request: {
    readonly image: Image__Output | null;
    readonly embedding: TrustedEmbedding__Output | null;
    readonly quality: QualityRequirement__Output | null;
  },
  caller: Caller,
): Probe {
  const { image, embedding, quality } = request;
  if (embedding === null) return readImage(image, 'image');
  if (image !== null) throw invalidField('embedding', 'is sent instead of an image, not beside it');
  requireNoMinimum(quality);
  return readEmbedding(embedding, 'embedding', caller);
}

/** A minimum that nothing could be held to must not be taken for one that was met. @throws Failure INVALID_ARGUMENT */
function requireNoMinimum(quality: QualityRequirement__Output | null): void {
  const description = 'cannot be judged of an embedding: send the photograph, or leave it out';
  if (quality?.minimumUtility !== undefined) throw invalidField('quality.minimum_utility', description);
  if (quality?.minimumDetailPixels !== undefined)
    throw invalidField('quality.minimum_detail_pixels', description);
}

/**
 * An embedding from a caller who may answer for it, brought to unit length.
 * @param field proto path of the embedding
 * @throws Failure PERMISSION_DENIED, INVALID_ARGUMENT
 */
export function readEmbedding(
  { values, modelVersion }: TrustedEmbedding__Output,
  field: string,
  caller: Caller,
): TrustedEmbedding {
  requireRole(caller, 'device', 'Embeddings in the place of photographs need', field);
  if (modelVersion === '')
    throw invalidField(`${field}.model_version`, 'is missing: say which model made it');
  const embedding = Float32Array.from(values);
  if (!embedding.every(Number.isFinite)) throw invalidField(`${field}.values`, 'must be finite numbers');
  if (l2Norm(embedding) === 0) throw invalidField(`${field}.values`, 'must not all be 0');
  return { values: l2Normalise(embedding), modelVersion };
}
