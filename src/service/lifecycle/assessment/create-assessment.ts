import { invalidField } from '../../../core/invalid-field.js';
import type { Requester } from '../../access/caller.js';
import { assessmentJson } from './assessment-job.js';
import { type AssessmentPolicy, assessmentPolicy } from './assessment-policy.js';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import type { BenchmarkStore } from '../../evaluation/benchmark.store.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';
import type { JobQueue } from '../../jobs/job-queue.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';

export interface AssessmentRequest {
  /** Id of a backbone's version. */
  readonly candidate: string;
  /** What differs from the default policy. */
  readonly policy: Partial<AssessmentPolicy>;
  /** Activates the candidate where it passes. */
  readonly activateWhenPassed: boolean;
}

interface CreateAssessmentParts {
  readonly jobs: Pick<JobQueue, 'enqueue'>;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly datasets: Pick<BenchmarkStore, 'getDataset'>;
  readonly active: Pick<ActiveModelStore, 'active'>;
}

/** Has a candidate compared with what serves, as an administrator or a training asks: queues the job that does it. */
export class CreateAssessment {
  constructor(private readonly parts: CreateAssessmentParts) {}

  /** @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND, DATASET_NOT_FOUND, JOB_ALREADY_ACTIVE */
  async execute(
    { candidate, policy: given, activateWhenPassed }: AssessmentRequest,
    requester: Requester,
  ): Promise<Job> {
    const policy = assessmentPolicy(given);
    await this.requireCandidate(candidate);
    for (const id of policy.datasets ?? []) await this.parts.datasets.getDataset(id);
    return this.parts.jobs.enqueue({
      kind: 'assessment',
      input: assessmentJson({ candidate, policy, activateWhenPassed }),
      singletonKey: candidate,
      requester,
      details: {
        model_version: `modelVersions/${candidate}`,
        activate_when_passed: String(activateWhenPassed),
      },
    });
  }

  private async requireCandidate(id: string): Promise<void> {
    const { version } = await this.parts.registry.get(id);
    if (version.manifest.kind !== 'backbone') {
      throw new Failure('MODEL_NOT_FOUND', `${id} is a detector; backbones are assessed.`, { id });
    }
    if (id === (await this.parts.active.active('backbone'))?.id)
      throw invalidField('model_version', 'serves already, and is what candidates are compared with');
  }
}
