import { setTimeout as sleep } from 'node:timers/promises';
import { defaultTenant } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import { toRecord } from '../../../core/failure-record.js';
import { isWorthRetrying } from '../../jobs/job.js';
import {
  dueness,
  scheduleActor,
  type TrainingSchedule,
  type TrainingScheduleOutcome,
} from './training-schedule.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';
import { nextDueTime } from './next-due-time.js';
import type { ScheduleDecision, TrainingScheduleStore } from './training-schedule.store.js';
import type { CreateTraining } from '../retraining/create-training.js';

interface FollowParts {
  readonly store: Pick<TrainingScheduleStore, 'read' | 'settle'>;
  readonly active: Pick<ActiveModelStore, 'active'>;
  readonly training: Pick<CreateTraining, 'prepare'>;
  /** A training was queued. */
  readonly wake: () => void;
  /** It is told what came of a due time that this process settled. */
  readonly onSettled: (outcome: TrainingScheduleOutcome) => void;
  /**
   * It is told of defects, and of a database that does not answer: once each time that the reason changes.
   */
  readonly onFailure: (error: unknown) => void;
  readonly lookEveryMs?: number;
}

const defaultLookEveryMs = 30_000;

const byTheSchedule = { actor: scheduleActor, tenant: defaultTenant };

/** Queues trainings when the schedule says so, beside any number of other replicas that do the same. */
export class FollowTrainingSchedule {
  private readonly closing = new AbortController();
  private following: Promise<void> | undefined;
  private reported = '';

  constructor(private readonly parts: FollowParts) {}

  start(): void {
    this.following ??= this.followUntilClosed();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.following;
  }

  /**
   * Settles a due time, where there is one. However many have passed unseen, one training comes of them.
   * @returns what came of it; undefined where nothing is due, or another has settled it
   * @throws Failure DATABASE_UNAVAILABLE and others that pass: it stays due
   */
  async look(): Promise<TrainingScheduleOutcome | undefined> {
    const { store, wake, onSettled } = this.parts;
    const schedule = await store.read();
    if (schedule === undefined) return undefined;
    const due = dueness(schedule);
    if (!due.byTime && !due.byFaces) return undefined;
    const outcome = await store.settle(schedule.revision, {
      training: await this.training(schedule),
      nextTime: this.nextTime(schedule),
      // Else the same faces would be due again at the next look.
      countsAnew: due.byFaces,
    });
    if (outcome === undefined) return undefined;
    if (outcome.jobId !== undefined) wake();
    onSettled(outcome);
    return outcome;
  }

  private async training({
    policy,
    activateWhenPassed,
  }: TrainingSchedule): Promise<ScheduleDecision['training']> {
    try {
      // What the database says is active: a worker that serves nobody has no model of its own.
      const parent = (await this.parts.active.active('backbone'))?.id;
      return {
        job: await this.parts.training.prepare({ parent, policy, activateWhenPassed }, byTheSchedule),
      };
    } catch (error) {
      if (!(error instanceof Failure) || isWorthRetrying(error)) throw error;
      return { failure: toRecord(error) };
    }
  }

  private nextTime({ cron, timeZone, readTime }: TrainingSchedule): Date | undefined {
    return cron === undefined ? undefined : nextDueTime(cron, timeZone, readTime);
  }

  private async followUntilClosed(): Promise<void> {
    const { lookEveryMs = defaultLookEveryMs } = this.parts;
    const { signal } = this.closing;
    while (!signal.aborted) {
      await this.look().then(
        () => {
          this.reported = '';
        },
        (error: unknown) => {
          this.report(error);
        },
      );
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private report(error: unknown): void {
    if (String(error) !== this.reported && !this.closing.signal.aborted) this.parts.onFailure(error);
    this.reported = String(error);
  }
}
