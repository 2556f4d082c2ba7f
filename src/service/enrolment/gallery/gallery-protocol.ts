import type { FailureRecord } from '../../../core/failure-record.js';
import type { NumberedKeys } from '../../../storage/encryption/secret-box.js';
import type { SealedTemplate } from './gallery-source.js';
import type { GalleryCandidate } from './gallery-search.js';

/** One request at a time and index; `flatIndex` names a collection under a model version. */
export type GalleryRequest =
  | {
      readonly type: 'change';
      readonly flatIndex: string;
      readonly modelVersion: string;
      readonly added: readonly SealedTemplate[];
      readonly deletedFaceIds: readonly string[];
    }
  | {
      readonly type: 'search';
      readonly flatIndex: string;
      readonly probe: Float32Array;
      readonly maximumCandidates: number;
      readonly exceptSubjectId: string | undefined;
    }
  | { readonly type: 'drop'; readonly flatIndex: string };

export interface GalleryReply {
  readonly candidates: readonly GalleryCandidate[];
  /** The number of faces in the index after the request. */
  readonly size: number;
  readonly bytes: number;
  /** Faces of a change whose templates cannot be opened: they are not in the index. */
  readonly damagedFaceIds: readonly string[];
}

export interface GalleryRequestMessage {
  readonly id: number;
  readonly request: GalleryRequest;
  /** What opens the templates of a change; none for other requests. */
  readonly keys: NumberedKeys | undefined;
}

export type GalleryReplyMessage =
  | { readonly id: number; readonly reply: GalleryReply }
  | { readonly id: number; readonly error: FailureRecord };
