import type { FaceSelectionPolicy } from '../../core/faces/face-selection.js';
import { Failure } from '../../core/failure.js';
import type { RequestedThreshold } from '../../core/verification/threshold.js';
import type { FaceSelection__Output } from '../../generated/symface/v1/FaceSelection.js';
import type { Image__Output } from '../../generated/symface/v1/Image.js';
import type { ImageKind } from '../../inference/analyser/face-analysis.js';
import type { QualityRequirement__Output } from '../../generated/symface/v1/QualityRequirement.js';
import { invalidField } from '../../core/invalid-field.js';
import type { QualityRequirement } from './embedded-face.js';
import type { VerificationImage } from './verification-request.js';

/**
 * @param field proto path of the image in the request
 * @throws Failure IMAGE_EMPTY, INVALID_ARGUMENT
 */
export function readImage(image: Image__Output | null | undefined, field: string): VerificationImage {
  if (image === null || image === undefined || image.content.length === 0) {
    const description = 'has no bytes; set content to an encoded image';
    throw new Failure('IMAGE_EMPTY', `${field}.content ${description}.`, { field }, [
      { field: `${field}.content`, description },
    ]);
  }
  return { encoded: image.content, kind: readImageKind({ imageKind: image.kind }, `${field}.kind`) };
}

/** A photograph where unspecified. @throws Failure INVALID_ARGUMENT */
export function readImageKind(
  { imageKind }: { readonly imageKind: Image__Output['kind'] },
  field: string,
): ImageKind {
  switch (imageKind) {
    case 'IMAGE_KIND_UNSPECIFIED':
    case 'IMAGE_KIND_PHOTOGRAPH':
      return 'photograph';
    case 'IMAGE_KIND_ALIGNED_CROP':
      return 'aligned-crop';
    default:
      throw invalidField(field, 'is not a known ImageKind');
  }
}

/** What clients may ask for; `central` is for data sets that are cut around their face. */
type RequestedSelection = Exclude<FaceSelectionPolicy, 'central'>;

/** @throws Failure INVALID_ARGUMENT for a number that this version does not know */
export function readSelection(
  selection: FaceSelection__Output,
  methodDefault: RequestedSelection,
): RequestedSelection {
  switch (selection) {
    case 'FACE_SELECTION_UNSPECIFIED':
      return methodDefault;
    case 'FACE_SELECTION_EXACTLY_ONE':
      return 'exactly-one';
    case 'FACE_SELECTION_LARGEST':
      return 'largest';
    case 'FACE_SELECTION_ALL':
      return 'all';
    default:
      throw invalidField('face_selection', 'is not a known FaceSelection');
  }
}

/** Reads the selection of a method that is of one face in each image. @throws Failure INVALID_ARGUMENT for ALL */
export function readSingleSelection(selection: FaceSelection__Output): 'exactly-one' | 'largest' {
  const policy = readSelection(selection, 'exactly-one');
  if (policy === 'all') {
    throw invalidField(
      'face_selection',
      'must be EXACTLY_ONE or LARGEST: one face of each image counts here',
    );
  }
  return policy;
}

/** What a request says of the faces' fitness; whether it makes sense is the domain's to say. */
export function readQualityRequirement({
  quality,
}: {
  readonly quality: QualityRequirement__Output | null;
}): QualityRequirement {
  return {
    minimumUtility: quality?.minimumUtility,
    minimumDetailPixels: quality?.minimumDetailPixels,
    allowLowQuality: quality?.allowLowQuality ?? false,
  };
}

/** What a request says of the threshold; whether it makes sense is the domain's to say. */
export function readThreshold(request: {
  readonly similarityThreshold?: number;
  readonly falseMatchRate?: number;
}): RequestedThreshold {
  return { similarityThreshold: request.similarityThreshold, falseMatchRate: request.falseMatchRate };
}
