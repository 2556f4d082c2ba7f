import { Failure } from '../../domain/failure.js';
import type { WeightArray } from '../../domain/model/weights.js';
import { TemplateSums } from '../../domain/verification/identity-templates.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { ClassCentres } from '../../learning/training/class-centres.js';
import { headOfTemplates } from '../../learning/training/class-means.js';
import { HEAD, type Learner, PARENT_CLASSES } from '../../learning/training/learner.js';
import type { TrainingState } from '../../learning/training/training-engine.js';
import { OnnxSession } from '../onnx/onnx-session.js';
import type { TrainingData, WholeFaces } from '../training-data/training-data.js';
import { compileServingGraph } from './serving-graph.js';

const batchFaces = 32;

/** Faces that are embedded already, of all. */
export type HeadProgress = (embedded: number, faceCount: number) => void;

/** What the means are computed with. */
export interface ClassMeanParts {
  readonly learner: Learner;
  readonly data: Pick<TrainingData, 'wholeFaces' | 'faceCount'>;
  /** Of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
  readonly onProgress: HeadProgress | undefined;
}

export interface CentredClassMeanParts extends ClassMeanParts {
  /** The share of its way to the origin that the middle moves, above 0 to 1 */
  readonly centring: number;
}

/** What is done with the embeddings of faces, one after the other. */
interface EmbeddingSums {
  add(embedding: Float32Array, label: number): void;
}

/**
 * A state whose class weights are the directions of the identities' mean unit embeddings, of faces that are whole and
 * not mirrored, by the state's own network; also those that stay as they are, for backward compatibility.
 *
 * @param drawn  its head stays where an identity has no mean
 * @param signal ends it early; the head is then of the faces until there
 * @throws Failure DATASET_INVALID naming an image that cannot be used; MODEL_INVALID where the network embeds a face as
 *   numbers that are not finite or all 0
 */
export async function atClassMeans(
  drawn: TrainingState,
  parts: ClassMeanParts,
  signal: AbortSignal,
): Promise<TrainingState> {
  const { backbone, classCount, backwardCompatibility } = parts.learner;
  const sums = new TemplateSums(backbone.embeddingSize, classCount);
  await embedAll(backbone, drawn, parts, sums, signal);
  const means = headOfTemplates(sums.templates(), arrayOf(drawn, HEAD));
  const weights = new Map(drawn.weights).set(HEAD, means);
  if (backwardCompatibility !== undefined) weights.set(PARENT_CLASSES, means);
  return { ...drawn, weights };
}

/**
 * As {@link atClassMeans}, for a backbone that can be centred: the middle of the identities' mean features moves
 * towards the origin, and class weights are the directions that the means then have.
 */
export async function atCentredClassMeans(
  drawn: TrainingState,
  { centring, ...parts }: CentredClassMeanParts,
  signal: AbortSignal,
): Promise<TrainingState> {
  const { backbone, classCount } = parts.learner;
  if (backbone.centring === undefined) throw new RangeError(`${backbone.name} cannot be centred`);
  const { features, offset, matrix } = backbone.centring;
  const [before, projection] = [arrayOf(drawn, offset), arrayOf(drawn, matrix)];
  const centres = new ClassCentres(features.embeddingSize, classCount);
  await embedAll(features, drawn, parts, centres, signal);
  const weights = new Map(drawn.weights)
    .set(HEAD, centres.head(projection.values, arrayOf(drawn, HEAD), centring))
    .set(offset, { shape: before.shape, values: centres.middle().map((middle) => -centring * middle) });
  return { ...drawn, weights };
}

function arrayOf({ weights }: TrainingState, name: string): WeightArray {
  const array = weights.get(name);
  if (array === undefined) throw new RangeError(`the state has no ${name}`);
  return array;
}

async function embedAll(
  backbone: Backbone,
  { weights }: TrainingState,
  { data, threads, onProgress }: Omit<ClassMeanParts, 'learner'>,
  sums: EmbeddingSums,
  signal: AbortSignal,
): Promise<void> {
  const names = new Set([...backbone.parameters, ...backbone.statistics].map(({ name }) => name));
  const own = new Map([...weights].filter(([name]) => names.has(name)));
  const graph = compileServingGraph(backbone, own);
  const session = await OnnxSession.load(graph, { intraOpThreads: threads });
  try {
    let embedded = 0;
    onProgress?.(embedded, data.faceCount);
    for await (const faces of data.wholeFaces(batchFaces)) {
      addRows(sums, await embeddingsOf(session, backbone, faces), faces.labels);
      embedded += faces.labels.length;
      onProgress?.(embedded, data.faceCount);
      if (signal.aborted) break;
    }
  } finally {
    await session.release();
  }
}

/** @returns [n, D], row after row */
async function embeddingsOf(
  session: OnnxSession,
  { inputSize: { height, width } }: Backbone,
  { images, labels }: WholeFaces,
): Promise<Float32Array> {
  const dimensions = [labels.length, 3, height, width];
  const [output] = await session.run({ data: channelsFirst(images, height * width), dimensions });
  return output?.data ?? new Float32Array();
}

function addRows(sums: EmbeddingSums, embeddings: Float32Array, labels: Int32Array): void {
  const dimension = embeddings.length / labels.length;
  for (const [row, label] of labels.entries()) {
    try {
      sums.add(embeddings.subarray(row * dimension, (row + 1) * dimension), label);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const message = `The starting weights give no embedding to average for the head: ${error.message}. Say head: { initialise: random }, or start from other weights.`;
      throw new Failure('MODEL_INVALID', message, {}, [], { cause: error });
    }
  }
}

/** [B, H, W, 3] -> [B, 3, H, W] @param pixels H · W */
function channelsFirst(images: Float32Array, pixels: number): Float32Array {
  const reordered = new Float32Array(images.length);
  for (let start = 0; start < images.length; start += 3 * pixels) {
    for (let pixel = 0; pixel < pixels; pixel++) {
      for (let channel = 0; channel < 3; channel++) {
        reordered[start + channel * pixels + pixel] = images[start + 3 * pixel + channel] ?? 0;
      }
    }
  }
  return reordered;
}
