import type { MeasuredModels } from '../../../core/protocols/measured-models.js';
import type { SubjectKey } from '../../platform/resource-names.js';
import { embedStoredCrops } from '../../enrolment/faces/stored-crops.js';
import type { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import type { EnrolledFaceStore } from '../../enrolment/faces/enrolled-face.store.js';
import { type ComparableFace, faceOrderKey, type SubjectTemplates } from '../../enrolment/faces/enrolment.js';
import type {
  AnalysisBatch,
  AnalysisRequest,
  CallControl,
  FaceAnalysis,
} from '../../../inference/analyser/face-analysis.js';
import type { SubjectStore } from '../../enrolment/subjects/subject.store.js';
import { VerifyFaces } from '../../verification/verify-faces.js';
import { VerifySubject } from '../../enrolment/subjects/verify-subject.js';
import type { CandidateVerification } from './shadow-verifications.js';

interface CandidateVerificationParts {
  readonly analysisOf: (models: MeasuredModels) => Promise<FaceAnalysis>;
  readonly calibrations: CurrentCalibrations;
  readonly subjects: SubjectStore;
  readonly faces: EnrolledFaceStore;
}

/** The verifications that live calls get, by other models; of enrolled faces the stored crops are embedded each time. */
export function candidateVerification(
  models: MeasuredModels,
  { analysisOf, calibrations, subjects, faces }: CandidateVerificationParts,
): CandidateVerification {
  const analyse = async (
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> => (await analysisOf(models)).analyse(requests, control);
  // Live calls by an embedding are not decided in the shadow.
  const analysis = { analyse, served: undefined };
  const noModelChanges = { catchUp: () => Promise.resolve(models.modelVersion) };
  return {
    pair: async (pair, options, control) =>
      (await new VerifyFaces(analysis, calibrations).execute(pair, options, control)).matched,
    subject: async (command, caller, control) => {
      const templatesOf = async (key: SubjectKey) => templatesBy(analysis, faces, key, control);
      const verify = new VerifySubject({
        analysis,
        subjects,
        faces: { templatesOf },
        calibrations,
        models: noModelChanges,
      });
      return (await verify.execute(command, caller, control)).matched;
    },
  };
}

const facesAtATime = 32;

async function templatesBy(
  analysis: FaceAnalysis,
  faces: EnrolledFaceStore,
  key: SubjectKey,
  control: CallControl,
): Promise<SubjectTemplates> {
  const templates: ComparableFace[] = [];
  for (let after: string | undefined; ;) {
    const records = await faces.list(key, { limit: facesAtATime, after });
    const crops = [];
    for (const { id, face } of records)
      // Of a face that was enrolled by its embedding there is nothing that another model could embed.
      if (face !== undefined) crops.push({ faceId: id, crop: await faces.cropOf({ ...key, faceId: id }) });
    const appearances = new Map(records.map(({ id, face }) => [id, face?.quality.appearance]));
    const embedded = await embedStoredCrops(crops, async (requests) => analysis.analyse(requests, control));
    templates.push(
      ...embedded.map((template) => ({ ...template, appearance: appearances.get(template.faceId) })),
    );
    const last = records.at(-1);
    if (last === undefined || records.length < facesAtATime) break;
    after = faceOrderKey(last);
  }
  return { templates, faceCount: templates.length, missingCount: 0, damagedCount: 0 };
}
