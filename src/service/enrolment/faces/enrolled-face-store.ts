import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt } from '../collection.js';
import type { FaceRecord, MeasuredFace } from '../../../core/faces/face-record.js';
import type { FaceKey, SubjectKey } from '../../platform/resource-names.js';
import type { FailureRecord } from '../../../core/failure-record.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';
import type { PageQuery } from '../../platform/page.js';

/** A face that was accepted and is to be stored. */
export interface NewFace {
  /** UUID. */
  readonly id: string;
  readonly face: MeasuredFace;
  readonly crop: EncodedStoredCrop;
  /** Unit length. */
  readonly embedding: Float32Array;
}

/** What became of one image of an enrolment; kept with its request id, so that a replay can answer the same. */
export type ImageOutcome = { readonly faceId: string } | FailureRecord;

/** A finished enrolment, as it is recorded under a client's request id. */
export interface RecordedRequest {
  /** The digest of what was asked. */
  readonly digest: Uint8Array;
  readonly outcomes: readonly ImageOutcome[];
  readonly modelVersion: string;
  readonly detectorVersion: string;
}

export interface Enrolment {
  readonly subject: SubjectKey;
  readonly createSubject: boolean;
  /** Who enrols, for the audit log. */
  readonly actor: string;
  readonly faces: readonly NewFace[];
  readonly modelVersion: string;
  readonly detectorVersion: string;
  /** Recorded with the faces where the client gave a request id. */
  readonly request?: RecordedRequest & { readonly id: string };
  /** The collection's state that the faces were checked against; nothing is stored where it has changed since. */
  readonly expectedRevision?: string;
}

/**
 * What came of storing an enrolment. `repeated`: the request id is taken; `collection-changed`: the collection is not
 * at the expected revision; `model-changed`: the templates are not of the backbone that is active now.
 */
export type EnrolmentOutcome = 'stored' | 'repeated' | 'collection-changed' | 'model-changed';

/** A template of one enrolled face. */
export interface FaceTemplate {
  readonly faceId: string;
  /** Unit length. */
  readonly embedding: Float32Array;
}

/** Keeps enrolled faces durably, with their crops and templates, which are encrypted at rest. */
export interface EnrolledFaceStore {
  /**
   * Stores all faces of an enrolment or none.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND
   */
  enrol(enrolment: Enrolment): Promise<EnrolmentOutcome>;
  /** The enrolment under a request id of the last 24 hours; undefined where there is none. */
  findRequest(tenant: string, requestId: string): Promise<RecordedRequest | undefined>;
  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND */
  get(key: FaceKey): Promise<FaceRecord>;
  /** Oldest first; the page key is {@link faceOrderKey}. @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  list(key: SubjectKey, query: PageQuery): Promise<readonly FaceRecord[]>;
  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND */
  delete(key: FaceKey, caller: Caller): Promise<DeletionReceipt>;
  /**
   * The subject's templates under one model version, and how many faces it has in all.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND
   */
  templatesOf(
    key: SubjectKey,
    modelVersion: string,
  ): Promise<{ readonly templates: readonly FaceTemplate[]; readonly faceCount: number }>;
  /**
   * Reads the stored crop of a face, for re-embedding.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND
   */
  cropOf(key: FaceKey): Promise<EncodedStoredCrop>;
}

/**
 * The key that faces are ordered by. Times are to the millisecond, so the id decides between faces of one enrolment.
 */
export function faceOrderKey({ createTime, id }: Pick<FaceRecord, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
