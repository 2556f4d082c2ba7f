import { idIn } from '../../format/names.js';
import type { Assessment } from '../../generated/symface/v1/assessment_pb.js';
import { AssessmentVerdict } from '../../generated/symface/v1/assessment_pb.js';
import type { Shadow } from '../../generated/symface/v1/assessment_service_pb.js';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';
import type { ModelVersion } from '../../generated/symface/v1/model_service_pb.js';
import { type ModelManifest, readManifest } from '../../format/model-manifest.js';

/** What a version is to the service now. */
export type Standing = 'serving' | 'shadow' | 'former' | 'candidate';

/** What was measured of a version when it was assessed, or when others were assessed beside it. */
export interface MeasuredLatency {
  /** Milliseconds of one face on one core. */
  readonly faceMs: number;
  /** RFC 3339. */
  readonly time: string;
}

/** A version and what jobs tell of it; the jobs are known to administrators alone. */
export interface KnownModel {
  readonly id: string;
  readonly version: ModelVersion;
  readonly manifest: ModelManifest;
  readonly standing: Standing;
  /** Who made it serve, as far as it serves and that is known. */
  readonly activatedBy: string | undefined;
  readonly latency: MeasuredLatency | undefined;
  /** Its last assessment that came to a verdict. */
  readonly assessment: Assessment | undefined;
  /** "jobs/{id}" of it. */
  readonly assessmentJob: string | undefined;
}

/** What the jobs and shadows say, newest first. */
export interface ModelHistory {
  readonly activations: readonly Job[];
  readonly assessments: readonly Job[];
  readonly shadows: readonly Shadow[];
}

export function knownModel(version: ModelVersion, history: ModelHistory): KnownModel {
  const { name } = version;
  const assessmentJob = history.assessments.find((job) => assessmentOf(job)?.modelVersion === name);
  return {
    id: idIn(name),
    version,
    manifest: readManifest(version.manifestJson),
    standing: standingOf(version, history),
    activatedBy: activatedBy(version, history.activations),
    latency: latencyOf(name, history.assessments),
    assessment: assessmentJob && assessmentOf(assessmentJob),
    assessmentJob: assessmentJob?.name,
  };
}

function standingOf(version: ModelVersion, { activations, shadows }: ModelHistory): Standing {
  const { name } = version;
  if (version.active) return 'serving';
  if (shadows.some(({ modelVersion, running }) => running && modelVersion === name)) return 'shadow';
  const served = activations.some(
    ({ state, work }) =>
      state === JobState.SUCCEEDED &&
      work.case === 'activation' &&
      (work.value.modelVersion === name || work.value.previousModelVersion === name),
  );
  return version.servedBefore || served ? 'former' : 'candidate';
}

function activatedBy({ active, name }: ModelVersion, activations: readonly Job[]): string | undefined {
  if (!active) return undefined;
  const last = activations.find(
    ({ state, work }) =>
      state === JobState.SUCCEEDED && work.case === 'activation' && work.value.modelVersion === name,
  );
  return last?.actor;
}

function assessmentOf({ state, work }: Job): Assessment | undefined {
  return state === JobState.SUCCEEDED && work.case === 'assessment' ? work.value : undefined;
}

function latencyOf(name: string, assessments: readonly Job[]): MeasuredLatency | undefined {
  for (const job of assessments) {
    const assessment = assessmentOf(job);
    const report = assessment?.report;
    if (assessment === undefined || report === undefined) continue;
    const { candidateLatencyMs, baselineLatencyMs } = report;
    if (assessment.modelVersion === name && candidateLatencyMs > 0)
      return { faceMs: candidateLatencyMs, time: job.endTime };
    if (assessment.baselineModelVersion === name && baselineLatencyMs > 0)
      return { faceMs: baselineLatencyMs, time: job.endTime };
  }
  return undefined;
}

/** Whether nothing has said yet that a version which was fine-tuned here should serve. */
export function needsAssessment({ manifest, assessment }: KnownModel): boolean {
  return manifest.lineage !== undefined && assessment?.verdict !== AssessmentVerdict.PASSED;
}
