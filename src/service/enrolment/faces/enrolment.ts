import type { FaceAppearance } from '../../../core/faces/quality/expected-impostor-similarity.js';
import type { FaceRecord, MeasuredFace } from '../../../core/faces/face-record.js';
import type { SubjectKey } from '../../platform/resource-names.js';
import type { FailureRecord } from '../../../core/failure-record.js';
import type { EncodedStoredCrop } from '../../../inference/analyser/face-analysis.js';

/** A face that was accepted and is to be stored. */
export interface NewFace {
  /** UUID. */
  readonly id: string;
  /** What was measured on its photograph, and its crop; undefined of a face that comes as an embedding. */
  readonly photographed: { readonly face: MeasuredFace; readonly crop: EncodedStoredCrop } | undefined;
  /** Unit length. */
  readonly embedding: Float32Array;
  /** The keyed digest of the photograph, or of the embedding ({@link EnrolledFaceStore.digestOf}). */
  readonly imageDigest: Uint8Array;
}

/** A face that an image was enrolled as. */
export interface EnrolledImageFace {
  readonly faceId: string;
  readonly subjectId: string;
}

/** What became of one image of an enrolment; kept with its request id, so that a replay can answer the same. */
export type EnrolledImageResult =
  { readonly faceId: string; readonly alreadyEnrolled?: true } | FailureRecord;

/** A finished enrolment, as it is recorded under a client's request id. */
export interface RecordedRequest {
  /** The digest of what was asked. */
  readonly digest: Uint8Array;
  readonly outcomes: readonly EnrolledImageResult[];
  readonly modelVersion: string;
  readonly detectorVersion: string;
}

export interface Enrolment {
  readonly subject: SubjectKey;
  readonly createSubject: boolean;
  /** The display name of the subject that is created. */
  readonly displayName: string;
  /** The one who enrols, for the audit log. */
  readonly actor: string;
  readonly faces: readonly NewFace[];
  /** Whether images that another subject has are enrolled, too. */
  readonly allowDuplicates: boolean;
  readonly modelVersion: string;
  readonly detectorVersion: string;
  /** What is recorded with the faces where the client gave a request id. */
  readonly request?: RecordedRequest & { readonly id: string };
  /** The collection's state that the faces were checked against; nothing is stored where it has changed since. */
  readonly expectedRevision?: string;
}

/**
 * What came of storing an enrolment. `repeated`: the request id is taken; `collection-changed`: the collection is not
 * at the expected revision; `model-changed`: the templates are not of the backbone that is active now; `image-enrolled`:
 * another call has enrolled one of the images meanwhile.
 */
export type EnrolmentStatus =
  'stored' | 'repeated' | 'collection-changed' | 'model-changed' | 'image-enrolled';

/** A template of one enrolled face. */
export interface FaceTemplate {
  readonly faceId: string;
  /** Unit length. */
  readonly embedding: Float32Array;
}

/** A template, and what its face looks like. */
export interface ComparableFace extends FaceTemplate {
  /** Undefined where it is not known: of faces that were enrolled by an embedding, or before it was measured. */
  readonly appearance: FaceAppearance | undefined;
}

/** The templates of a subject under one model version. */
export interface SubjectTemplates {
  readonly templates: readonly ComparableFace[];
  /** Templates that cannot be opened. */
  readonly damagedCount: number;
  /** All of the subject's faces. */
  readonly faceCount: number;
  /** Faces without a template that have a crop, of which one could be made. */
  readonly missingCount: number;
}

/**
 * The key that faces are ordered by. Times are to the millisecond, so the id decides between faces of one enrolment.
 */
export function faceOrderKey({ createTime, id }: Pick<FaceRecord, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
