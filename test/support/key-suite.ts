import { expect } from 'vitest';
import { DestroyDataKeys } from '../../src/service/encryption/destroy-data-keys.js';
import { type DataKeyStatus, EncryptionStatus } from '../../src/service/encryption/encryption-status.js';
import type { KeyRotationProgress } from '../../src/service/encryption/key-rotation.js';
import { RotateDataKey } from '../../src/service/encryption/rotate-data-key.js';
import { RunKeyRotation } from '../../src/service/encryption/run-key-rotation.js';
import { SealedValueStore } from '../../src/service/encryption/sealed-value.store.js';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { DamagedTemplates } from '../../src/service/enrolment/faces/damaged-templates.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import type { Job } from '../../src/service/jobs/job.js';
import type { Database } from '../../src/service/platform/database/database.js';
import { DataKeys } from '../../src/service/platform/encryption/data-keys.js';
import type { SubjectKey } from '../../src/service/platform/resource-names.js';
import { type TestDatabase, testMasters } from './databases.js';
import { enrolmentOf, newFace, someCaller, unitVector } from './enrolments.js';

/** Whoever asks for changes of keys. */
export const keyAdministrator = { actor: 'apiKeys/admin', tenant: 'default' };
/** The version that faces are enrolled under. */
export const keyModel = 'net-1';
export const neverAborted = new AbortController().signal;

export function keySubject(subjectId: string): SubjectKey {
  return { tenant: someCaller.tenant, collectionId: 'rotated', subjectId };
}

/** Faces of a database whose keys are changed. */
export class KeySuite {
  /** What was told of as damaged: ids of faces, and names of columns. */
  readonly damaged: string[] = [];

  constructor(private readonly test: TestDatabase) {}

  /** Begins anew: no faces, and the first data key. */
  async begin(): Promise<void> {
    const { test } = this;
    this.damaged.length = 0;
    for (const table of ['jobs', 'collections', 'data_keys', 'encryption_checks'])
      await test.database.rows(`DELETE FROM ${table}`);
    test.keys = await DataKeys.open(test.database, testMasters);
    await new CollectionStore(test.database).create(
      keySubject(''),
      { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false },
      someCaller,
    );
  }

  /** Of another process, where its own database and keys are given. */
  faces(keys = this.test.keys, database: Database = this.test.database): EnrolledFaceStore {
    return new EnrolledFaceStore(database, keys, new DamagedTemplates((faceId) => this.damaged.push(faceId)));
  }

  async enrol(subjectId: string, count: number, faces = this.faces()): Promise<void> {
    const made = Array.from({ length: count }, (_, index) => newFace(unitVector(index + 1)));
    expect(await faces.enrol(enrolmentOf(keySubject(subjectId), made))).toBe('stored');
  }

  /** Opens everything that a subject has. @returns how many faces that are */
  async readable(subjectId: string, faces = this.faces()): Promise<number> {
    const { templates, damagedCount } = await faces.templatesOf(keySubject(subjectId), keyModel);
    expect(damagedCount).toBe(0);
    for (const { faceId } of templates) {
      const crop = await faces.cropOf({ ...keySubject(subjectId), faceId });
      if (crop !== undefined) expect(Buffer.from(crop.encoded).toString()).toBe('the bytes of a crop');
    }
    return templates.length;
  }

  async rotate(keys = this.test.keys): Promise<Job> {
    return new RotateDataKey(this.test.database, keys, { wake: () => undefined }).execute(keyAdministrator);
  }

  /** Does the job's work, and ends it. */
  async run(
    job: Job,
    { keys = this.test.keys, knownAfterMs = 0, signal = neverAborted } = {},
  ): Promise<KeyRotationProgress> {
    const { database } = this.test;
    const work = new RunKeyRotation({
      keys,
      values: new SealedValueStore(database),
      destroy: new DestroyDataKeys(database, knownAfterMs),
      onDamaged: (column) => this.damaged.push(column),
      lookEveryMs: 20,
    });
    const output = await work.execute(job, {
      signal,
      report: () => undefined,
      succeed: () => undefined,
      requireHeld: () => Promise.resolve(),
    });
    await this.end(job);
    return output as unknown as KeyRotationProgress;
  }

  async end({ id }: Job): Promise<void> {
    await this.test.database.rows("UPDATE jobs SET state = 'succeeded', end_time = now() WHERE id = $1", [
      id,
    ]);
  }

  async status(keys = this.test.keys): Promise<readonly DataKeyStatus[]> {
    const { database } = this.test;
    return new EncryptionStatus(database, keys, new SealedValueStore(database)).dataKeys();
  }

  async numbers(): Promise<readonly number[]> {
    return (await this.status()).map(({ number }) => number);
  }
}
