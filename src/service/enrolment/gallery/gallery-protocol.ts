import type { FailureRecord } from '../../../core/failure-record.js';
import type { SealedTemplate } from './gallery-source.js';
import type { ShelfCandidate } from './gallery-shelf.js';

/** What the thread is started with. */
export interface GalleryThreadSetup {
  readonly encryptionKey: Uint8Array;
}

/** One request at a time and shelf; `shelf` names a collection under a model version. */
export type GalleryRequest =
  | {
      readonly type: 'change';
      readonly shelf: string;
      readonly modelVersion: string;
      readonly added: readonly SealedTemplate[];
      readonly deletedFaceIds: readonly string[];
    }
  | {
      readonly type: 'search';
      readonly shelf: string;
      readonly probe: Float32Array;
      readonly maximumCandidates: number;
      readonly exceptSubjectId: string | undefined;
    }
  | { readonly type: 'drop'; readonly shelf: string };

export interface GalleryReply {
  readonly candidates: readonly ShelfCandidate[];
  /** Of the shelf, after the request. */
  readonly size: number;
  readonly bytes: number;
}

export interface NumberedRequest {
  readonly id: number;
  readonly request: GalleryRequest;
}

export type NumberedReply =
  | { readonly id: number; readonly reply: GalleryReply }
  | { readonly id: number; readonly error: FailureRecord };
