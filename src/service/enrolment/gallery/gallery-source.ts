import type { CollectionKey } from '../../platform/resource-names.js';

/** Where a collection stands. A revision is a number that grows with every face that is added or deleted. */
export interface CollectionState {
  /** Stays the same as long as the collection lives; another one of the same name has another. */
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

/** Which templates to read on from. */
export interface TemplateCursor {
  readonly revision: string;
  readonly faceId: string;
}

/** Reads what has changed in a collection, for copies of its templates in memory. */
export interface GallerySource {
  /** @throws Failure COLLECTION_NOT_FOUND */
  state(key: CollectionKey): Promise<CollectionState>;
  /** Templates after the cursor and up to the revision, in order, at most `limit`. */
  templates(
    uid: string,
    modelVersion: string,
    after: TemplateCursor,
    upToRevision: string,
    limit: number,
  ): Promise<readonly SealedTemplate[]>;
  /** Ids of the faces deleted after one revision and up to another. */
  deletedFaceIds(uid: string, afterRevision: string, upToRevision: string): Promise<readonly string[]>;
}
