import type { CollectionKey } from '../../platform/resource-names.js';

export type SearchMethod = 'exact' | 'approximate';

export interface GalleryQuery {
  readonly collection: CollectionKey;
  readonly modelVersion: string;
  /** Unit length. */
  readonly probe: Float32Array;
  readonly maximumCandidates: number;
  readonly method: SearchMethod;
  /** The subject whose faces are passed over. */
  readonly exceptSubjectId?: string;
}

/** A subject by its most similar face. */
export interface GalleryCandidate {
  readonly subjectId: string;
  readonly faceId: string;
  /** Cosine. */
  readonly similarity: number;
}

export interface GalleryResult {
  /** The most similar subjects, most similar first. */
  readonly candidates: readonly GalleryCandidate[];
  /** Faces that were compared. */
  readonly faceCount: number;
  /** Faces that were left out since their templates cannot be opened. */
  readonly damagedFaceCount: number;
  /** The state of the collection that was searched. */
  readonly revision: string;
}

/** Compares a probe with the templates of whole collections. */
export interface GallerySearch {
  /**
   * Finds the most similar subjects. It sees every face whose enrolment, and no face whose deletion, was acknowledged
   * before the call.
   * @throws Failure COLLECTION_NOT_FOUND, FACES_NOT_REEMBEDDED, GALLERY_TOO_LARGE, COLLECTION_NOT_SEARCHABLE,
   *   SEARCH_UNAVAILABLE; the signal's reason once it has fired
   */
  search(query: GalleryQuery, signal: AbortSignal): Promise<GalleryResult>;
}
