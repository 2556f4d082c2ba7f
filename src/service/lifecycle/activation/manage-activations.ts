import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { Job, JobFailure } from '../../jobs/job.js';
import {
  type ActivationOrder,
  type ActivationProgress,
  orderJson,
  orderOf,
  progressOf,
  resultOf,
} from './activation.js';
import type { ActiveModelStore } from '../../models/serving/active-model-store.js';
import type { CallControl } from '../../../inference/analyser/face-analysis.js';
import { requirePassed } from '../assessment/require-passed.js';
import { type JobQueue, jobOrderKey } from '../../jobs/job-queue.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import { type Page, type PageRequest, readPage, timeAndIdKey } from '../../platform/page.js';

/** A change of the backbone, as its job stands. */
export interface Activation {
  readonly id: string;
  readonly order: ActivationOrder;
  readonly state: Job['state'];
  readonly progress: ActivationProgress;
  /** What served before; known once it has succeeded. */
  readonly previousId: string | undefined;
  /** Of the last attempt that failed. */
  readonly failure: JobFailure | undefined;
  readonly createTime: Date;
  readonly endTime: Date | undefined;
}

interface ManageActivationsParts {
  readonly queue: JobQueue;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly active: Pick<ActiveModelStore, 'active'>;
  /** A job was queued. */
  readonly onQueued: () => void;
}

/** Of a version that was fine-tuned here: looked for, known to have passed, or not wanted by whoever asks. */
export type AssessmentRule = 'required' | 'passed' | 'skipped';

interface OrderOptions {
  readonly isRollBack: boolean;
  readonly assessment: AssessmentRule;
}

/** What has served may serve again. */
const rollBack: OrderOptions = { isRollBack: true, assessment: 'passed' };

/** One backbone at a time becomes the active one, whoever asks. */
const singletonKey = 'backbone';
const lookEveryMs = 100;

/** Orders changes of the backbone and tells how they go. */
export class ManageActivations {
  constructor(private readonly parts: ManageActivationsParts) {}

  /**
   * @throws Failure MODEL_NOT_FOUND, JOB_ALREADY_ACTIVE; MODEL_NOT_ASSESSED, MODEL_REJECTED of a version that was
   *   fine-tuned here
   */
  async start(modelVersion: string, caller: Caller, assessment: AssessmentRule): Promise<Activation> {
    return this.order(modelVersion, caller, { isRollBack: false, assessment });
  }

  /** Back to what served before. @throws Failure MODEL_NOT_FOUND where nothing did; JOB_ALREADY_ACTIVE */
  async rollBack(caller: Caller): Promise<Activation> {
    const active = await this.parts.active.active('backbone');
    if (active?.previousId !== undefined) return this.order(active.previousId, caller, rollBack);
    throw new Failure('MODEL_NOT_FOUND', 'No other backbone has served before the one that does.');
  }

  /** @throws Failure JOB_NOT_FOUND */
  async get(id: string): Promise<Activation> {
    const job = await this.parts.queue.get(id);
    if (job.kind === 'activation') return toActivation(job);
    throw new Failure('JOB_NOT_FOUND', `There is no activation ${id}.`, { id });
  }

  /** Newest first. @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest): Promise<Page<Activation>> {
    const page = await readPage(
      'activations',
      request,
      (query) => this.parts.queue.list(query, { kind: 'activation' }),
      jobOrderKey,
      timeAndIdKey,
    );
    return { ...page, items: page.items.map(toActivation) };
  }

  /** What is embedded is kept for the next time. @throws Failure JOB_NOT_FOUND */
  async cancel(id: string): Promise<Activation> {
    await this.get(id);
    return toActivation(await this.parts.queue.cancel(id));
  }

  /**
   * Waits until it has ended. It goes on where the wait is given up.
   * @throws Failure that it ended with; CANCELLED; the signal's reason
   */
  async succeeded(id: string, { signal }: CallControl): Promise<Activation> {
    for (;;) {
      signal.throwIfAborted();
      const activation = await this.get(id);
      const { state, failure } = activation;
      if (state === 'succeeded') return activation;
      if (state === 'cancelled') throw new Failure('CANCELLED', 'The activation was cancelled.');
      if (state === 'failed') throw failureOf(failure);
      await sleep(lookEveryMs);
    }
  }

  private async order(
    modelVersion: string,
    caller: Caller,
    { isRollBack, assessment }: OrderOptions,
  ): Promise<Activation> {
    const { version } = await this.parts.registry.get(modelVersion);
    if (version.manifest.kind !== 'backbone') {
      const message = `${modelVersion} is a ${version.manifest.kind}; it serves at once with ActivateModelVersion.`;
      throw new Failure('INVALID_ARGUMENT', message, { id: modelVersion });
    }
    if (version.manifest.lineage !== undefined && assessment === 'required') {
      const active = await this.parts.active.active('backbone');
      // What serves may be activated again.
      if (active?.id !== modelVersion) await requirePassed(this.parts.queue, modelVersion, active?.id);
    }
    const { actor, tenant } = caller;
    const input = orderJson({
      modelVersion,
      actor,
      tenant,
      isRollBack,
      skipsAssessment: version.manifest.lineage !== undefined && assessment === 'skipped',
    });
    const job = await this.parts.queue.enqueue({ kind: 'activation', input, singletonKey });
    this.parts.onQueued();
    return toActivation(job);
  }
}

function toActivation(job: Job): Activation {
  return {
    id: job.id,
    order: orderOf(job.input),
    state: job.state,
    progress: progressOf(job.progress),
    previousId: resultOf(job.output).previousId,
    failure: job.failure,
    createTime: job.createTime,
    endTime: job.endTime,
  };
}

function failureOf(failure: JobFailure | undefined): Error {
  if (failure?.reason !== undefined) return new Failure(failure.reason, failure.message);
  return new Error(failure?.message ?? 'an activation failed without a reason');
}
