import type { MeasuredFace } from '../../core/faces/face-record.js';

/** Why an image has no face in its tag: none was found, or the image cannot be read (`IMAGE_…`, docs/errors.md). */
export type FacelessReason = 'FACE_NOT_FOUND' | `IMAGE_${string}`;

/** What the detector found in one image of a data set: the face that the image is about, or why there is none. */
export type ImageTag = {
  /** The image's name in its data set. */
  readonly image: string;
  /** The SHA-256 of the image's bytes, as hex. */
  readonly sha256: string;
} & ({ readonly face: MeasuredFace } | { readonly face: null; readonly reason: FacelessReason });

/** What is kept in memory of a tag: enough to know the image again and to report on it. */
export interface TagSummary {
  /** The SHA-256 of the image's bytes, as hex. */
  readonly sha256: string;
  /** Frontness ρ; undefined where there is no face. */
  readonly rho: number | undefined;
  /** The reason why there is no face; undefined where there is one. */
  readonly reason: FacelessReason | undefined;
}

export function summaryOf(tag: ImageTag): TagSummary {
  const { sha256 } = tag;
  return tag.face === null
    ? { sha256, rho: undefined, reason: tag.reason }
    : { sha256, rho: tag.face.rho, reason: undefined };
}
