import type { QualityGate } from './quality-gate.js';

/** Subjects that are searched together, under one gate. */
export interface Collection {
  readonly id: string;
  readonly displayName: string;
  readonly qualityGate: QualityGate;
  /** Its templates are also kept unencrypted, in an index for approximate search. */
  readonly searchable: boolean;
  /** The consent of subjects that are created without saying. */
  readonly defaultConsentToTrain: boolean;
  readonly createTime: Date;
  readonly subjectCount: number;
  readonly faceCount: number;
}

/** A person of one collection. */
export interface Subject {
  readonly collectionId: string;
  readonly id: string;
  readonly displayName: string;
  /** Whether this person's faces may be used to train models. */
  readonly consentToTrain: boolean;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly faceCount: number;
}

/** What a deletion removed. */
export interface DeletionReceipt {
  readonly id: string;
  readonly deleteTime: Date;
  readonly subjectCount: number;
  readonly faceCount: number;
  readonly cropCount: number;
  readonly templateCount: number;
}
