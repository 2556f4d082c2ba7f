import { invalidField } from '../../core/invalid-field.js';
import type { FaceSelectionPolicy } from '../../core/faces/face-selection.js';
import { Failure } from '../../core/failure.js';
import type {
  AnalysedFace,
  CallControl,
  FaceAnalysis,
  ServedModels,
} from '../../inference/analyser/face-analysis.js';
import { analysedImage } from './analysed-image.js';
import { embeddedFace, judgedFace, type QualityFinding, type QualityRequirement } from './embedded-face.js';
import type { Probe, TrustedEmbedding } from './verification-request.js';

/** Where probes are embedded, and what serves there. */
export interface ProbeAnalysis extends FaceAnalysis {
  /** Undefined where nothing serves yet. */
  readonly served: ServedModels | undefined;
}

/** What is looked for, and which of its faces. */
export interface ProbeRequest {
  readonly probe: Probe;
  /** Of the faces of an image. */
  readonly selection: FaceSelectionPolicy;
  /** What faces must be fit for; of an embedding nothing is known. */
  readonly quality: QualityRequirement;
}

export interface ProbeFace {
  /** Undefined where an embedding was sent: nothing can be measured on it. */
  readonly face: AnalysedFace | undefined;
  /** Unit length. */
  readonly embedding: Float32Array;
  /** Why the face is not to be compared; only among all faces of an image, since of one face alone the call fails so. */
  readonly refusal: Failure | undefined;
  readonly findings: readonly QualityFinding[];
}

export interface EmbeddedProbe {
  readonly models: ServedModels;
  /** Of `all` in the order in which they were found, perhaps none; else one. */
  readonly faces: readonly ProbeFace[];
}

/**
 * The embeddings of the faces that are looked for, by the models that serve.
 * @throws Failure of the image (field `image`), EMBEDDING_NOT_COMPARABLE, INVALID_ARGUMENT, or of the engine
 */
export async function embedProbe(
  analysis: ProbeAnalysis,
  { probe, selection, quality }: ProbeRequest,
  control: CallControl,
): Promise<EmbeddedProbe> {
  if ('values' in probe) {
    const models = servedBy(analysis);
    requireComparable(probe, models, 'embedding');
    const face = { face: undefined, embedding: probe.values, refusal: undefined, findings: [] };
    return { models, faces: [face] };
  }
  const request = { ...probe, selection, wantEmbeddings: true, wantCrops: false };
  const { models, outcomes } = await analysis.analyse([request], control);
  if (selection !== 'all')
    return { models, faces: [{ ...embeddedFace(outcomes[0], 'image', quality), refusal: undefined }] };
  const faces = analysedImage(outcomes[0], 'image').faces.map((face) => {
    if (face.embedding === undefined) throw new Error('the engine answered a face without its embedding');
    return { face, embedding: face.embedding, ...judgedFace(face, 'image', quality) };
  });
  return { models, faces };
}

/** @throws Failure SHUTTING_DOWN where nothing serves */
export function servedBy({ served }: Pick<ProbeAnalysis, 'served'>): ServedModels {
  if (served !== undefined) return served;
  throw new Failure('SHUTTING_DOWN', 'No model serves here at the moment. Try again.');
}

/**
 * Refuses an embedding that cannot be compared with those of the backbone that serves.
 * @param field proto path of the embedding
 * @throws Failure EMBEDDING_NOT_COMPARABLE for another version's, INVALID_ARGUMENT for another length
 */
export function requireComparable(
  { values, modelVersion }: TrustedEmbedding,
  { backboneId, embeddingDimension }: ServedModels,
  field: string,
): void {
  if (modelVersion !== backboneId) {
    const description = `is of the model version ${modelVersion}, and ${backboneId} serves`;
    throw new Failure(
      'EMBEDDING_NOT_COMPARABLE',
      `${field} ${description}: embeddings of different versions cannot be compared. Embed the face with ${backboneId}, or ` +
        'send its photograph.',
      { field, model_version: backboneId, embedding_model_version: modelVersion },
      [{ field: `${field}.model_version`, description }],
    );
  }
  if (values.length === embeddingDimension) return;
  const description = `has ${values.length} numbers; embeddings of ${backboneId} have ${embeddingDimension}`;
  throw invalidField(`${field}.values`, description);
}
