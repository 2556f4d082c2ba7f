import { allPages } from '../../api/all-pages.js';
import { useClient, useIsAdmin } from '../../api/session.js';
import { type Loaded, useLoaded } from '../../api/use-loaded.js';
import { AssessmentService, type Shadow } from '../../generated/symface/v1/assessment_service_pb.js';
import { BenchmarkService, type OperatingPoint } from '../../generated/symface/v1/benchmark_service_pb.js';
import { type Job, JobKind, JobService } from '../../generated/symface/v1/job_service_pb.js';
import { ModelKind, ModelService } from '../../generated/symface/v1/model_service_pb.js';
import { type KnownModel, knownModel } from './known-model.js';

/** What the page Models shows. */
export interface ModelsOfService {
  readonly backbones: readonly KnownModel[];
  readonly detectors: readonly KnownModel[];
  readonly operatingPoint: OperatingPoint | undefined;
  /** Newest first; of administrators alone. */
  readonly shadows: readonly Shadow[];
  /** The activation that is queued or runs; of administrators alone. */
  readonly openActivation: Job | undefined;
}

const jobPageSize = 200;

/** Loads all versions and what jobs tell of them, as far as the caller may know. */
export function useModels(): Loaded<ModelsOfService> {
  const isAdmin = useIsAdmin();
  const models = useClient(ModelService);
  const benchmarks = useClient(BenchmarkService);
  const jobs = useClient(JobService);
  const assessment = useClient(AssessmentService);
  return useLoaded(
    async (signal) => {
      const jobsOf = async (kind: JobKind): Promise<readonly Job[]> =>
        isAdmin ? (await jobs.listJobs({ kind, pageSize: jobPageSize }, { signal })).jobs : [];
      const [versions, operatingPoint, activations, assessments, shadows] = await Promise.all([
        allPages(async (pageToken) => {
          const page = await models.listModelVersions({ pageToken }, { signal });
          return { items: page.modelVersions, nextPageToken: page.nextPageToken };
        }),
        benchmarks.getOperatingPoint({}, { signal }),
        jobsOf(JobKind.ACTIVATION),
        jobsOf(JobKind.ASSESSMENT),
        isAdmin ? assessment.listShadows({}, { signal }) : { shadows: [] },
      ]);
      const history = { activations, assessments, shadows: shadows.shadows };
      const ofKind = (kind: ModelKind): readonly KnownModel[] =>
        versions.filter((version) => version.kind === kind).map((version) => knownModel(version, history));
      return {
        backbones: ofKind(ModelKind.BACKBONE),
        detectors: ofKind(ModelKind.DETECTOR),
        operatingPoint: operatingPoint.operatingPoint,
        shadows: shadows.shadows,
        openActivation: activations.find(({ endTime }) => endTime === ''),
      };
    },
    [models, benchmarks, jobs, assessment, isAdmin],
  );
}
