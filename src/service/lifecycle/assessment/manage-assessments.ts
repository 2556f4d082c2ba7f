import type { Caller } from '../../access/caller.js';
import {
  assessmentJson,
  type AssessmentOrder,
  type AssessmentOutcome,
  type AssessmentProgress,
} from './assessment-job.js';
import { type AssessmentPolicy, assessmentPolicy } from './assessment-policy.js';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import type { ActiveModelStore } from '../../models/serving/active-model-store.js';
import type { AuditLog } from '../../access/audit/audit-log.js';
import type { EvaluationStore } from '../../evaluation/evaluation-store.js';
import { type JobQueue, jobOrderKey } from '../../jobs/job-queue.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import { type Page, type PageRequest, readPage, timeAndIdKey } from '../../platform/page.js';

/** An assessment, as its job stands. */
export interface AssessmentRun {
  readonly job: Job;
  readonly order: AssessmentOrder;
  readonly progress: AssessmentProgress | undefined;
  /** Once it has succeeded, whatever the verdict. */
  readonly outcome: AssessmentOutcome | undefined;
}

export interface CreateAssessment {
  /** Id of a backbone's version. */
  readonly candidate: string;
  readonly policy: Partial<AssessmentPolicy>;
  readonly activates: boolean;
}

interface ManageAssessmentsParts {
  readonly queue: JobQueue;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly datasets: Pick<EvaluationStore, 'getDataset'>;
  readonly auditLog: AuditLog;
  readonly active: Pick<ActiveModelStore, 'active'>;
  /** A job was queued. */
  readonly wake: () => void;
}

const kind = 'evaluation';

/** Assessments as an administrator, or a training, asks for them, looks at them and ends them. */
export class ManageAssessments {
  constructor(private readonly parts: ManageAssessmentsParts) {}

  /** @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND, DATASET_NOT_FOUND, JOB_ALREADY_ACTIVE */
  async create(
    { candidate, policy: given, activates }: CreateAssessment,
    { actor, tenant }: Pick<Caller, 'actor' | 'tenant'>,
  ): Promise<AssessmentRun> {
    const { queue, auditLog, wake } = this.parts;
    const policy = assessmentPolicy(given);
    await this.requireCandidate(candidate);
    for (const id of policy.datasets ?? []) await this.parts.datasets.getDataset(id);
    const input = assessmentJson({ candidate, policy, activates, actor, tenant });
    const job = await queue.enqueue({ kind, input, singletonKey: candidate });
    await auditLog.record({
      actor,
      tenant,
      action: 'assessment.create',
      target: `assessments/${job.id}`,
      details: { model_version: `modelVersions/${candidate}`, activates: String(activates) },
    });
    wake();
    return toRun(job);
  }

  /** @throws Failure JOB_NOT_FOUND */
  async get(id: string): Promise<AssessmentRun> {
    const job = await this.parts.queue.get(id);
    if (job.kind === kind) return toRun(job);
    throw new Failure('JOB_NOT_FOUND', `There is no assessment ${id}.`, { id });
  }

  /** Newest first. @param candidate of which alone; of all where undefined @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest, candidate?: string): Promise<Page<AssessmentRun>> {
    const only = { kind, ...(candidate !== undefined && { singletonKey: candidate }) } as const;
    const page = await readPage(
      `assessments ${candidate ?? ''}`,
      request,
      async (query) => this.parts.queue.list(query, only),
      jobOrderKey,
      timeAndIdKey,
    );
    return { ...page, items: page.items.map(toRun) };
  }

  /** @throws Failure JOB_NOT_FOUND */
  async cancel(id: string, { actor, tenant }: Caller): Promise<AssessmentRun> {
    await this.get(id);
    const job = await this.parts.queue.cancel(id);
    await this.parts.auditLog.record({
      actor,
      tenant,
      action: 'assessment.cancel',
      target: `assessments/${id}`,
      details: {},
    });
    return toRun(job);
  }

  private async requireCandidate(id: string): Promise<void> {
    const { version } = await this.parts.registry.get(id);
    if (version.manifest.kind !== 'backbone') {
      throw new Failure('MODEL_NOT_FOUND', `${id} is a detector; backbones are assessed.`, { id });
    }
    if (id !== (await this.parts.active.active('backbone'))?.id) return;
    const description = 'serves already, and is what candidates are compared with';
    throw new Failure('INVALID_ARGUMENT', `${id} ${description}.`, { id }, [
      { field: 'model_version', description },
    ]);
  }
}

function toRun(job: Job): AssessmentRun {
  return {
    job,
    order: job.input as unknown as AssessmentOrder,
    progress: (job.progress ?? undefined) as unknown as AssessmentProgress | undefined,
    outcome: job.state === 'succeeded' ? (job.output as unknown as AssessmentOutcome) : undefined,
  };
}
