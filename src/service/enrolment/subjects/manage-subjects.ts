import { randomUUID } from 'node:crypto';
import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt, Subject } from '../collection.js';
import {
  collectionName,
  parseCollectionName,
  parseSubjectName,
  requireSubjectId,
} from '../../platform/resource-names.js';
import { idKey, type Page, type PageRequest, readPage } from '../../platform/page.js';
import type { SubjectStore } from './subject.store.js';

export interface CreateSubjectCommand {
  /** The collection's name. */
  readonly parent: string;
  /** A UUID where empty. */
  readonly subjectId: string;
  readonly displayName: string;
  /** The collection's default where undefined. */
  readonly consentToTrain: boolean | undefined;
}

export interface UpdateSubjectCommand {
  readonly name: string;
  readonly displayName: string | undefined;
  readonly consentToTrain: boolean | undefined;
}

/** Manages the subjects of the caller's collections. */
export class ManageSubjects {
  constructor(private readonly subjects: SubjectStore) {}

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_ALREADY_EXISTS */
  async create(command: CreateSubjectCommand, caller: Caller): Promise<Subject> {
    const collection = parseCollectionName(command.parent, caller.tenant, 'parent');
    const subjectId =
      command.subjectId === '' ? randomUUID() : requireSubjectId(command.subjectId, 'subject_id');
    const { displayName, consentToTrain } = command;
    return this.subjects.create({ ...collection, subjectId }, { displayName, consentToTrain }, caller);
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async get(name: string, caller: Caller): Promise<Subject> {
    return this.subjects.get(parseSubjectName(name, caller.tenant, 'name'));
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND */
  async list(parent: string, sought: string, request: PageRequest, caller: Caller): Promise<Page<Subject>> {
    const key = parseCollectionName(parent, caller.tenant, 'parent');
    return readPage(
      `subjects of ${collectionName(key)} with ${sought}`,
      request,
      (query) => this.subjects.list(key, sought, query),
      ({ id }) => id,
      idKey,
    );
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async update(command: UpdateSubjectCommand, caller: Caller): Promise<Subject> {
    const key = parseSubjectName(command.name, caller.tenant, 'name');
    const { displayName, consentToTrain } = command;
    const changes = {
      ...(displayName !== undefined && { displayName }),
      ...(consentToTrain !== undefined && { consentToTrain }),
    };
    return this.subjects.update(key, changes, caller);
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async delete(name: string, caller: Caller): Promise<DeletionReceipt> {
    return this.subjects.delete(parseSubjectName(name, caller.tenant, 'name'), caller);
  }
}
