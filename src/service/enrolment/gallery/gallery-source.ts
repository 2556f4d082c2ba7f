import type { CollectionKey } from '../../platform/resource-names.js';

/** The state of a collection. A revision is a number that grows with every face that is added or deleted. */
export interface CollectionState {
  /** The identity of the collection as long as it lives; another one of the same name has another. */
  readonly uid: string;
  readonly revision: string;
  readonly faceCount: number;
}

/** A template as it is kept: encrypted. */
export interface SealedTemplate {
  readonly faceId: string;
  readonly subjectId: string;
  readonly revision: string;
  readonly sealed: Uint8Array;
}

/** The place among the templates of a collection from which to read on. */
export interface TemplateCursor {
  readonly revision: string;
  readonly faceId: string;
}

/** Reads what has changed in a collection, for copies of its templates in memory. */
export interface GallerySource {
  /** @throws Failure COLLECTION_NOT_FOUND */
  state(key: CollectionKey): Promise<CollectionState>;
  /** Reads at most `limit` templates after the cursor and up to the revision, in order. */
  templates(
    uid: string,
    modelVersion: string,
    after: TemplateCursor,
    upToRevision: string,
    limit: number,
  ): Promise<readonly SealedTemplate[]>;
  /** The number of faces with a crop and without a template under the version: it was not made yet. */
  facesToEmbed(uid: string, modelVersion: string): Promise<number>;
  /** Reads the ids of the faces that were deleted after one revision and up to another. */
  deletedFaceIds(uid: string, afterRevision: string, upToRevision: string): Promise<readonly string[]>;
}
