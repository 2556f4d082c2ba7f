import { beforeEach, expect, it } from 'vitest';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { tables } from '../../../src/service/tables.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import { SubjectStore } from '../../../src/service/enrolment/subjects/subject.store.js';
import { TrainingScheduleStore } from '../../../src/service/lifecycle/schedule/training-schedule.store.js';
import { FollowTrainingSchedule } from '../../../src/service/lifecycle/schedule/follow-training-schedule.js';
import { ManageTrainingSchedule } from '../../../src/service/lifecycle/schedule/manage-training-schedule.js';
import { Failure } from '../../../src/core/failure.js';
import type { Job } from '../../../src/service/jobs/job.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller } from '../../support/enrolments.js';
import { someJob } from '../../support/jobs.js';
import { enrolTrainableFaces, trainableSubject } from '../../support/trainable-enrolments.js';

const settings = {
  cron: '* * * * *',
  timeZone: 'Europe/Berlin',
  afterNewFaces: undefined,
  policy: { epochs: 2, loss: 'adaface' },
  activateWhenPassed: true,
} as const;

describeOnEveryDatabase('the training schedule', (test) => {
  let queue: JobQueue;
  let store: TrainingScheduleStore;
  let manage: ManageTrainingSchedule;
  let refusal: Failure | undefined;

  beforeEach(async () => {
    refusal = undefined;
    queue = new JobQueue(test.database);
    store = new TrainingScheduleStore(test.database);
    manage = new ManageTrainingSchedule(store);
    for (const table of ['jobs', 'training_schedules', 'collections']) {
      await test.database.rows(`DELETE FROM ${table}`);
    }
  });

  const followerOn = (of: TrainingScheduleStore, singletonKey = 'line'): FollowTrainingSchedule =>
    new FollowTrainingSchedule({
      store: of,
      active: { active: () => Promise.resolve({ id: 'net-1', previousId: undefined, since: new Date(0) }) },
      training: {
        prepare: async ({ parent = '' }, requester) => {
          if (refusal !== undefined) throw refusal;
          const details = { parent };
          return Promise.resolve({ kind: 'training', input: { parent }, singletonKey, requester, details });
        },
      },
      wake: () => undefined,
      onSettled: () => undefined,
      onFailure: (error) => {
        throw error;
      },
    });
  const jobs = async (): Promise<readonly Job[]> =>
    queue.list({ limit: 100, after: undefined }, { kind: 'training' });
  const becomeDue = async (): Promise<unknown> =>
    test.database.rows("UPDATE training_schedules SET next_time = now() - interval '3 days'");
  const enrolPersons = async (count: number): Promise<void> =>
    enrolTrainableFaces(
      new CollectionStore(test.database),
      new EnrolledFaceStore(test.database, test.keys),
      count,
      2,
    );
  const enrolOneMore = async (person: number): Promise<unknown> =>
    new EnrolledFaceStore(test.database, test.keys).enrol(enrolmentOf(trainableSubject(person), [newFace()]));

  it('is kept as it was set, with its first due time, until it is removed, and audited', async () => {
    await expect(manage.get()).rejects.toMatchObject({ reason: 'SCHEDULE_NOT_FOUND' });
    await manage.put(settings, someCaller);
    const { nextTime, readTime, ...schedule } = await manage.get();
    expect(schedule).toMatchObject({
      ...settings,
      actor: someCaller.actor,
      newFaces: 0,
      lastOutcome: undefined,
    });
    const waitMs = (nextTime?.getTime() ?? 0) - readTime.getTime();
    expect(waitMs).toBeGreaterThan(0);
    expect(waitMs).toBeLessThanOrEqual(60_000);
    await manage.put({ ...settings, cron: undefined, afterNewFaces: 7 }, someCaller);
    expect(await manage.get()).toMatchObject({ cron: undefined, nextTime: undefined, afterNewFaces: 7 });
    await manage.remove(someCaller);
    expect(await store.read()).toBeUndefined();
    const events = await new AuditLog(test.database).list({ limit: 3, after: undefined });
    expect(events.map(({ action }) => action)).toEqual([
      'training-schedule.delete',
      'training-schedule.update',
      'training-schedule.update',
    ]);
  });

  it('brings one training of many missed due times, however many look at the same time', async () => {
    await manage.put(settings, someCaller);
    // Processes of their own where the database takes several.
    const { databaseUrl } = test.settings;
    const others =
      databaseUrl === undefined
        ? [test.database]
        : await Promise.all([openDatabase(test.settings, tables), openDatabase(test.settings, tables)]);
    const lookers = [test.database, ...others].map((database, index) =>
      // Lines of their own: nothing but the schedule keeps the second training away.
      followerOn(new TrainingScheduleStore(database), `line ${index}`),
    );
    for (let round = 1; round <= 5; round++) {
      await becomeDue();
      const outcomes = await Promise.all(lookers.map(async (looker) => looker.look()));
      expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
      expect(await jobs()).toHaveLength(round);
      for (const { id } of await jobs()) await queue.cancel(id, someCaller);
    }
    for (const database of others) if (database !== test.database) await database.close();
    const { nextTime, readTime, lastOutcome } = await manage.get();
    expect(nextTime?.getTime()).toBeGreaterThan(readTime.getTime() - 5_000);
    const [newest] = await jobs();
    expect(newest).toMatchObject({
      id: lastOutcome?.jobId,
      input: { parent: 'net-1' },
      requester: { actor: 'schedule', tenant: 'default' },
    });
    const events = await new AuditLog(test.database).list({ limit: 2, after: undefined });
    // It was cancelled since.
    expect(events.find(({ action }) => action === 'training.create')).toMatchObject({
      actor: 'schedule',
      target: `jobs/${newest?.id ?? ''}`,
      details: { parent: 'net-1' },
    });
  });

  it('keeps why nothing was queued, and the settings of whoever changed it meanwhile', async () => {
    await manage.put(settings, someCaller);
    await becomeDue();
    const active = await queue.enqueue({ ...someJob, kind: 'training', singletonKey: 'line' });
    expect(await followerOn(store).look()).toMatchObject({ failure: { reason: 'JOB_ALREADY_ACTIVE' } });
    await queue.cancel(active.id, someCaller);
    await becomeDue();
    refusal = new Failure('TRAINING_DATA_INSUFFICIENT', '20 are needed.');
    await followerOn(store).look();
    const { lastOutcome, nextTime, readTime } = await manage.get();
    expect(lastOutcome).toMatchObject({
      jobId: undefined,
      failure: { reason: 'TRAINING_DATA_INSUFFICIENT', message: '20 are needed.' },
    });
    expect(lastOutcome?.time.getTime()).toBeLessThanOrEqual(readTime.getTime());
    expect(nextTime?.getTime()).toBeGreaterThan(readTime.getTime() - 5_000);
    const before = await store.read();
    await manage.put(settings, someCaller);
    const decision = { training: { job: { ...someJob, kind: 'training' } }, countsAnew: true } as const;
    expect(await store.settle(before?.revision ?? '', { ...decision, nextTime: undefined })).toBeUndefined();
    expect(await manage.get()).toMatchObject({ lastOutcome });
    expect(await jobs()).toHaveLength(1);
  });

  it('counts faces of those who consent since the last training was asked for', async () => {
    await manage.put({ ...settings, cron: undefined, afterNewFaces: 5 }, someCaller);
    await enrolPersons(3);
    const follower = followerOn(store);
    // Where nothing was trained yet all faces are new.
    expect((await manage.get()).newFaces).toBe(6);
    const subjects = new SubjectStore(test.database);
    await subjects.update(trainableSubject(0), { consentToTrain: false }, someCaller);
    expect((await manage.get()).newFaces).toBe(4);
    expect(await follower.look()).toBeUndefined();
    await enrolOneMore(1);
    expect(await follower.look()).toMatchObject({ failure: undefined });
    expect((await manage.get()).newFaces).toBe(0);
    await enrolOneMore(1);
    expect((await manage.get()).newFaces).toBe(1);
    expect(await follower.look()).toBeUndefined();
    // A job is forgotten after a while; that its faces were trained on is not.
    await test.database.rows('DELETE FROM jobs');
    expect((await manage.get()).newFaces).toBe(1);
  });
});
