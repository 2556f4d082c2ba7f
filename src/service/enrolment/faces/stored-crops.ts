import { Failure } from '../../../core/failure.js';
import type {
  AnalysedFace,
  AnalysisBatch,
  AnalysisRequest,
} from '../../../inference/analyser/face-analysis.js';
import type { FaceTemplate } from './enrolment.js';
import type { FaceToEmbed } from './face-rows.js';

type Analyse = (requests: readonly AnalysisRequest[]) => Promise<AnalysisBatch>;

/**
 * Embeds enrolled faces from their stored crops, aligned by the landmarks that were found at enrolment.
 * @throws Failure STORED_CROP_DAMAGED naming a face whose crop cannot be read; of the engine
 */
export async function embedStoredCrops(
  faces: readonly FaceToEmbed[],
  analyse: Analyse,
): Promise<readonly FaceTemplate[]> {
  const analysed = await analyseStoredCrops(faces, analyse);
  return analysed.map(({ embedding }, index) => ({ faceId: faces[index]?.faceId ?? '', embedding }));
}

/**
 * Analyses the stored crops of faces; the answers are in the order of the faces.
 * @throws Failure as {@link embedStoredCrops}
 */
export async function analyseStoredCrops(
  faces: readonly FaceToEmbed[],
  analyse: Analyse,
): Promise<readonly (AnalysedFace & { readonly embedding: Float32Array })[]> {
  const { outcomes } = await analyse(faces.map(storedCropRequest));
  return outcomes.map((outcome, index) => {
    const { faceId } = faces[index] ?? { faceId: '' };
    if (!outcome.ok) throw isOfTheImage(outcome.error) ? damagedCrop(faceId, outcome.error) : outcome.error;
    const [face] = outcome.image.faces;
    if (face?.embedding === undefined) throw new Error('the engine answered a face without its embedding');
    return { ...face, embedding: face.embedding };
  });
}

/** The request by which a stored crop is embedded. @throws Failure STORED_CROP_DAMAGED where there is none */
export function storedCropRequest({ faceId, crop }: FaceToEmbed): AnalysisRequest {
  if (crop === undefined) throw damagedCrop(faceId);
  return {
    encoded: crop.encoded,
    kind: 'photograph',
    selection: 'exactly-one',
    wantEmbeddings: true,
    wantCrops: false,
    knownLandmarks: crop.landmarks,
  };
}

function isOfTheImage(error: Error): boolean {
  return error instanceof Failure && error.reason.startsWith('IMAGE_');
}

/** @param cause what the engine said, where it was asked */
export function damagedCrop(faceId: string, cause?: Error): Failure {
  return new Failure(
    'STORED_CROP_DAMAGED',
    `The stored crop of the face ${faceId} cannot be read, so it has no template under another model. ` +
      'Restore the database from a backup, or delete the face and enrol it again.',
    { face_id: faceId },
    [],
    cause && { cause },
  );
}
