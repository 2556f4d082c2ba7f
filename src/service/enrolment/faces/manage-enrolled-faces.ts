import type { Caller } from '../../access/caller.js';
import type { DeletionReceipt } from '../collection.js';
import type { FaceRecord } from '../../../core/faces/face-record.js';
import { parseFaceName, parseSubjectName, subjectName } from '../../platform/resource-names.js';
import type { EnrolledFaceStore } from './enrolled-face.store.js';
import { faceOrderKey } from './enrolment.js';
import { type Page, type PageRequest, readPage, timeAndUuidKey } from '../../platform/page.js';

/** Reads and deletes the enrolled faces of the caller's subjects. */
export class ManageEnrolledFaces {
  constructor(private readonly faces: EnrolledFaceStore) {}

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND */
  async get(name: string, caller: Caller): Promise<FaceRecord> {
    return this.faces.get(parseFaceName(name, caller.tenant, 'name'));
  }

  /**
   * The stored crop, encoded, and a record of who looked; undefined of a face that was enrolled by its embedding.
   * @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND, STORED_CROP_DAMAGED
   */
  async viewCrop(name: string, caller: Caller): Promise<Uint8Array | undefined> {
    return this.faces.viewCrop(parseFaceName(name, caller.tenant, 'name'), caller);
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND */
  async list(parent: string, request: PageRequest, caller: Caller): Promise<Page<FaceRecord>> {
    const key = parseSubjectName(parent, caller.tenant, 'parent');
    return readPage(
      `faces of ${subjectName(key)}`,
      request,
      (query) => this.faces.list(key, query),
      faceOrderKey,
      timeAndUuidKey,
    );
  }

  /** @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, ENROLLED_FACE_NOT_FOUND */
  async delete(name: string, caller: Caller): Promise<DeletionReceipt> {
    return this.faces.delete(parseFaceName(name, caller.tenant, 'name'), caller);
  }
}
