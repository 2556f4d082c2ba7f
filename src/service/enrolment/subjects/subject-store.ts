import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt, Subject } from '../collection.js';
import type { CollectionKey, SubjectKey } from '../../platform/resource-names.js';
import type { PageQuery } from '../../platform/page.js';

export interface NewSubject {
  readonly displayName: string;
  /** The collection's default where undefined. */
  readonly consentToTrain: boolean | undefined;
}

export interface SubjectChanges {
  readonly displayName?: string;
  readonly consentToTrain?: boolean;
}

/** Keeps the persons of collections durably; consent and deletions are recorded in the audit log. */
export interface SubjectStore {
  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_ALREADY_EXISTS */
  create(key: SubjectKey, subject: NewSubject, caller: Caller): Promise<Subject>;
  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  get(key: SubjectKey): Promise<Subject>;
  /** Lists the collection's subjects in the order of their ids. @throws Failure COLLECTION_NOT_FOUND */
  list(key: CollectionKey, query: PageQuery): Promise<readonly Subject[]>;
  /** @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  update(key: SubjectKey, changes: SubjectChanges, caller: Caller): Promise<Subject>;
  /**
   * Deletes the subject with every face, crop and template.
   * @throws Failure COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND
   */
  delete(key: SubjectKey, caller: Caller): Promise<DeletionReceipt>;
}
