import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operatorCaller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { TrainingSchedule, TrainingScheduleOutcome } from './training-schedule.js';
import type { NewJob } from '../../jobs/new-job.js';
import type { ScheduleDecision } from './training-schedule.store.js';
import { FollowTrainingSchedule } from './follow-training-schedule.js';

const hourMs = 3_600_000;

/** One schedule, on a clock that the test moves. */
class OneScheduleStore {
  nowMs = Date.parse('2026-11-26T12:00:00Z');
  newFaces = 0;
  reads = 0;
  failing: Error | undefined;
  readonly settled: ScheduleDecision[] = [];
  private revision = 1;

  constructor(private schedule: Partial<TrainingSchedule> | undefined) {}

  readonly read = async (): Promise<TrainingSchedule | undefined> => {
    this.reads++;
    if (this.failing !== undefined) throw this.failing;
    const { newFaces } = this;
    const schedule =
      this.schedule &&
      ({
        timeZone: 'UTC',
        policy: {},
        activateWhenPassed: false,
        newFaces,
        revision: String(this.revision),
        readTime: new Date(this.nowMs),
        ...this.schedule,
      } as TrainingSchedule);
    return Promise.resolve(schedule);
  };

  readonly settle = async (
    revision: string,
    decision: ScheduleDecision,
  ): Promise<TrainingScheduleOutcome | undefined> => {
    if (revision !== String(this.revision)) return undefined;
    this.revision++;
    this.settled.push(decision);
    this.schedule = { ...this.schedule, nextTime: decision.nextTime };
    const failure = 'failure' in decision.training ? decision.training.failure : undefined;
    const queued = failure === undefined;
    if (queued || decision.countsAnew) this.newFaces = 0;
    return Promise.resolve({ time: new Date(this.nowMs), jobId: queued ? 'job' : undefined, failure });
  };
}

describe('FollowTrainingSchedule', () => {
  let store: OneScheduleStore;
  let refusal: Error | undefined;
  let prepared: unknown[];
  let woken: number;
  let failures: unknown[];
  let follow: FollowTrainingSchedule;

  const followerOf = (of: OneScheduleStore): FollowTrainingSchedule =>
    new FollowTrainingSchedule({
      store: of,
      active: { active: () => Promise.resolve({ id: 'net-1', previousId: undefined, since: new Date(0) }) },
      training: {
        prepare: async (...request): Promise<NewJob> => {
          prepared.push(request);
          if (refusal !== undefined) throw refusal;
          return Promise.resolve({ kind: 'training', input: null, requester: operatorCaller, details: {} });
        },
      },
      wake: () => woken++,
      onSettled: () => undefined,
      onFailure: (error) => failures.push(error),
      lookEveryMs: 5,
    });

  const schedule = (settings: Partial<TrainingSchedule> | undefined): void => {
    store = new OneScheduleStore(settings);
    follow = followerOf(store);
  };

  beforeEach(() => {
    refusal = undefined;
    prepared = [];
    woken = 0;
    failures = [];
  });

  afterEach(() => follow.close());

  it('does nothing where there is no schedule, or nothing is due', async () => {
    schedule(undefined);
    expect(await follow.look()).toBeUndefined();
    schedule({ cron: '0 * * * *', nextTime: new Date('2026-11-26T13:00:00Z'), afterNewFaces: 3 });
    store.newFaces = 2;
    expect(await follow.look()).toBeUndefined();
    expect(prepared).toEqual([]);
  });

  it('queues a training of the active backbone at the due time, and waits for the next', async () => {
    const policy = { epochs: 4 };
    const nextTime = new Date('2026-11-26T13:00:00Z');
    schedule({ cron: '0 * * * *', nextTime, policy, activateWhenPassed: true });
    store.nowMs = nextTime.getTime();
    expect(await follow.look()).toMatchObject({ jobId: 'job' });
    expect(prepared).toEqual([
      [
        { parent: 'net-1', policy, activateWhenPassed: true },
        { actor: 'schedule', tenant: 'default' },
      ],
    ]);
    expect(woken).toBe(1);
    expect(store.settled[0]?.nextTime?.toISOString()).toBe('2026-11-26T14:00:00.000Z');
    expect(await follow.look()).toBeUndefined();
    store.nowMs += hourMs;
    expect(await follow.look()).toMatchObject({ jobId: 'job' });
  });

  it('catches up once on due times that passed while nobody looked', async () => {
    schedule({ cron: '0 * * * *', nextTime: new Date('2026-11-26T13:00:00Z') });
    store.nowMs += 50.5 * hourMs;
    expect(await follow.look()).toMatchObject({ jobId: 'job' });
    expect(await follow.look()).toBeUndefined();
    expect(store.settled.map(({ nextTime }) => nextTime?.toISOString())).toEqual([
      '2026-11-28T15:00:00.000Z',
    ]);
  });

  it('queues a training once enough faces are new, and counts anew', async () => {
    schedule({ afterNewFaces: 3 });
    store.newFaces = 3;
    expect(await follow.look()).toMatchObject({ jobId: 'job' });
    expect(store.settled).toMatchObject([{ nextTime: undefined, countsAnew: true }]);
    expect(await follow.look()).toBeUndefined();
  });

  it('settles a due time once, whoever else looks at the same time', async () => {
    schedule({ cron: '0 * * * *', nextTime: new Date('2026-11-26T12:00:00Z') });
    const outcomes = await Promise.all([follow.look(), followerOf(store).look(), followerOf(store).look()]);
    expect(outcomes.filter((outcome) => outcome !== undefined)).toHaveLength(1);
    expect(woken).toBe(1);
  });

  it('records why a training is refused, and awaits the next due time', async () => {
    schedule({ cron: '0 * * * *', nextTime: new Date('2026-11-26T12:00:00Z'), afterNewFaces: 3 });
    refusal = new Failure('TRAINING_DATA_INSUFFICIENT', '20 are needed.');
    store.newFaces = 2;
    const failure = { reason: 'TRAINING_DATA_INSUFFICIENT', message: '20 are needed.' };
    expect(await follow.look()).toMatchObject({ jobId: undefined, failure });
    expect(store.settled).toMatchObject([{ countsAnew: false }]);
    expect(woken).toBe(0);
    expect(await follow.look()).toBeUndefined();
    // The faces that did not suffice must not be due again and again.
    store.newFaces = 3;
    expect(await follow.look()).toMatchObject({ failure });
    expect(await follow.look()).toBeUndefined();
  });

  it('leaves it due where the reason passes', async () => {
    schedule({ cron: '0 * * * *', nextTime: new Date('2026-11-26T12:00:00Z') });
    refusal = new Failure('DATABASE_UNAVAILABLE', 'down');
    await expect(follow.look()).rejects.toBe(refusal);
    refusal = undefined;
    expect(await follow.look()).toMatchObject({ jobId: 'job' });
  });

  it('looks until it is closed, through a database that is away, of which it tells once', async () => {
    schedule({ cron: '0 * * * *', nextTime: new Date('2026-11-26T13:00:00Z') });
    store.failing = new Failure('DATABASE_UNAVAILABLE', 'down');
    follow.start();
    await expect.poll(() => store.reads).toBeGreaterThan(3);
    expect(failures).toEqual([store.failing]);
    store.failing = undefined;
    store.nowMs += hourMs;
    await expect.poll(() => woken).toBe(1);
    await follow.close();
    const { reads } = store;
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(store.reads).toBe(reads);
  });
});
