import type { Requester } from '../../access/caller.js';
import type { Amounts, Assessment } from './assessment.js';
import {
  assessmentJson,
  type AssessmentInput,
  assessmentOrderOf,
  type AssessmentResult,
  type AssessmentPhase,
  type AssessmentProgress,
  assessmentProgressOf,
} from './assessment-job.js';
import { assessByPolicy } from './judge.js';
import { Failure } from '../../../core/failure.js';
import { toRecord } from '../../../core/failure-record.js';
import type { Job, Json } from '../../jobs/job.js';
import { heldOutBelowOf } from '../retraining/held-out-bound.js';
import type { CreateActivation } from '../activation/create-activation.js';
import type { CalibrateCandidate } from './calibrate-candidate.js';
import { ReportedProgress } from '../../jobs/reported-progress.js';
import type { JobContext } from '../../jobs/job-attempt.js';
import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { ModelPair } from '../../../inference/workers/model-serving.js';
import type { ModelTiming } from '../../../inference/workers/model-timing.js';
import type { ManageDatasets } from '../../evaluation/manage-datasets.js';
import type { CompareBenchmarks } from './compare-benchmarks.js';
import type { CompareHeldOut } from './compare-held-out.js';

interface RunAssessmentParts {
  readonly registry: Pick<ModelRegistry, 'get'>;
  /** What is to serve now, on every replica. */
  readonly activePair: () => Promise<ModelPair>;
  readonly heldOut: CompareHeldOut;
  readonly benchmarks: CompareBenchmarks;
  readonly datasets: Pick<ManageDatasets, 'everyId'>;
  readonly timing: ModelTiming;
  readonly sizeBytes: (model: RegisteredModel) => Promise<number>;
  readonly calibrate: Pick<CalibrateCandidate, 'execute'>;
  readonly activation: Pick<CreateActivation, 'execute'>;
}

/** One attempt: what is compared with what, and how far it is. */
interface Attempt {
  readonly order: AssessmentInput;
  readonly requester: Requester;
  readonly candidate: RegisteredModel;
  readonly baseline: RegisteredModel;
  readonly detectorVersion: string;
  readonly progress: ReportedProgress<AssessmentProgress>;
  readonly signal: AbortSignal;
}

/** The work of an assessment job: a candidate beside the model that serves, and what the policy makes of it. */
export class RunAssessment {
  constructor(private readonly parts: RunAssessmentParts) {}

  /**
   * @throws Failure MODEL_NOT_FOUND, MODEL_INVALID, STORED_CROP_DAMAGED, DATASET_INVALID, DATASET_NOT_FOUND,
   *   DATABASE_UNAVAILABLE
   */
  async execute(job: Job, context: JobContext): Promise<Json> {
    const attempt = await this.begin(job, context);
    const { order, progress, signal } = attempt;
    const heldOut = await this.compareHeldOut(attempt);
    const benchmarks = await this.compareBenchmarks(attempt);
    signal.throwIfAborted();
    progress.add({ phase: 'timing' });
    const assessment: Assessment = {
      candidate: attempt.candidate.version.id,
      baseline: attempt.baseline.version.id,
      detector: attempt.detectorVersion,
      heldOut,
      benchmarks,
      latencyMs: await this.parts.timing.compare(attempt.baseline, attempt.candidate, signal),
      sizeBytes: await this.sizes(attempt),
      calibration: await this.calibrated(attempt, benchmarks),
    };
    const checks = assessByPolicy(assessment, order.policy);
    const hasPassed = checks.every((check) => check.hasPassed);
    const outcome: AssessmentResult = { assessment, checks, hasPassed };
    // From here on a cancellation comes too late: the verdict is known, and stays known.
    context.succeed(assessmentJson(outcome));
    if (!hasPassed || !order.activateWhenPassed) return assessmentJson(outcome);
    await context.requireHeld();
    const activation = await this.activated(order, job.requester);
    const final = assessmentJson({ ...outcome, activation });
    context.succeed(final);
    return final;
  }

  private async begin(job: Job, { report, signal }: JobContext): Promise<Attempt> {
    const order = assessmentOrderOf(job);
    const { registry, activePair } = this.parts;
    const earlier = assessmentProgressOf(job);
    const { backbone, detector } = await activePair();
    const baseline = earlier?.baseline ?? backbone.version.id;
    const known: AssessmentProgress = { ...earlier, phase: 'loading', baseline };
    const progress = new ReportedProgress(known, (told) => {
      report(assessmentJson(told));
    });
    return {
      order,
      requester: job.requester,
      candidate: await registry.get(order.candidate),
      baseline: await registry.get(baseline),
      detectorVersion: detector.version.id,
      progress,
      signal,
    };
  }

  private async compareHeldOut(attempt: Attempt): Promise<Assessment['heldOut']> {
    const { order, candidate, baseline, detectorVersion, progress, signal } = attempt;
    if (order.policy.heldOut === 'ignored') return undefined;
    progress.add(begun('held-out'));
    return this.parts.heldOut.execute({
      baseline: { modelVersion: baseline.version.id, detectorVersion },
      candidate: { modelVersion: candidate.version.id, detectorVersion },
      below: Math.min(...[baseline, candidate].map(({ version }) => heldOutBelowOf(version.manifest))),
      pairCount: order.policy.heldOutPairs,
      signal,
      onFaces: (done, total) => {
        progress.add({ done, total });
      },
    });
  }

  private async compareBenchmarks(attempt: Attempt): Promise<Assessment['benchmarks']> {
    const { order, requester, candidate, baseline, progress, signal } = attempt;
    const datasetIds = order.policy.datasets ?? (await this.parts.datasets.everyId());
    progress.add(begun('benchmarks'));
    return this.parts.benchmarks.execute({
      baseline: baseline.version.id,
      candidate: candidate.version.id,
      datasetIds,
      requester,
      started: progress.known.benchmarks ?? [],
      signal,
      onStarted: (benchmarks) => {
        progress.add({ benchmarks });
      },
      onImages: (done, total) => {
        progress.add({ done, total });
      },
    });
  }

  private async sizes({ baseline, candidate }: Attempt): Promise<Amounts> {
    const { sizeBytes } = this.parts;
    return { baseline: await sizeBytes(baseline), candidate: await sizeBytes(candidate) };
  }

  private async calibrated(
    { requester, candidate, baseline, detectorVersion, progress, signal }: Attempt,
    benchmarks: Assessment['benchmarks'],
  ): Promise<Assessment['calibration']> {
    return this.parts.calibrate.execute({
      candidate,
      baseline,
      detectorVersion,
      benchmarks,
      requester,
      signal,
      onFaces: (done, total) => {
        progress.add({ phase: 'calibrating', done, total });
      },
    });
  }

  /** One that is in the way does not make the verdict another. */
  private async activated(
    { candidate, policy }: AssessmentInput,
    requester: Requester,
  ): Promise<NonNullable<AssessmentResult['activation']>> {
    try {
      // Who lets a candidate pass without a threshold has said that it is to serve so.
      const rules = { assessment: 'passed', allowWithoutThreshold: !policy.requireCalibration } as const;
      const { id } = await this.parts.activation.execute(candidate, requester, rules);
      return { id };
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      return { failure: toRecord(error) };
    }
  }
}

function begun(phase: AssessmentPhase): Pick<AssessmentProgress, 'phase' | 'done' | 'total'> {
  return { phase, done: 0, total: 0 };
}
