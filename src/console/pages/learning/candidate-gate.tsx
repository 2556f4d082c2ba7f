import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { readManifest } from '../../format/model-manifest.js';
import { JobService } from '../../generated/symface/v1/job_service_pb.js';
import { ModelService } from '../../generated/symface/v1/model_service_pb.js';
import type { ShareChoice } from '../../generated/symface/v1/training_pb.js';
import { LookGateSection } from './look-gate.js';

/**
 * Which faces a candidate's trained network is for, as its training found. Nothing where that is not known: the model was not
 * fine-tuned here, its share was not found but set, or the job is forgotten.
 * @param modelVersion "modelVersions/{id}"
 */
export function CandidateGate({ modelVersion }: { readonly modelVersion: string }): JSX.Element | null {
  const models = useClient(ModelService);
  const jobs = useClient(JobService);
  const { value: choice } = useLoaded<ShareChoice | undefined>(
    async (signal) => {
      const { modelVersion: version } = await models.getModelVersion({ name: modelVersion }, { signal });
      const { lineage } = readManifest(version?.manifestJson ?? '');
      if (lineage === undefined) return undefined;
      const { job } = await jobs.getJob({ name: `jobs/${lineage.trainingJob}` }, { signal });
      return job?.work.case === 'training' ? job.work.value.result?.choice : undefined;
    },
    [models, jobs, modelVersion],
  );
  return choice === undefined ? null : (
    <LookGateSection gate={choice.gate} smoothingPixels={choice.smoothingPixels} />
  );
}
