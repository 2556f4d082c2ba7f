import { Failure } from '../../core/failure.js';
import { TemplateSums } from '../../core/verification/identity-templates.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { headOfTemplates } from '../../learning/step/class-means.js';
import { backboneWeightsOf, HEAD, type TrainingSpec } from '../../learning/step/training-spec.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import type { DataLoader, AlignedFaces } from './data-loader.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';

const batchFaces = 32;

/** Faces that are embedded already, of all. */
export type HeadProgress = (embedded: number, faceCount: number) => void;

/** What the means are computed with. */
export interface ClassMeanDependencies {
  readonly spec: TrainingSpec;
  readonly data: Pick<DataLoader, 'wholeFaces' | 'faceCount'>;
  /** The threads of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
  readonly onProgress: HeadProgress | undefined;
}

/**
 * A state whose class weights are the directions of the identities' mean unit embeddings, of faces that are whole and
 * not mirrored, by the state's own network.
 *
 * @param drawn  its head stays where an identity has no mean
 * @param signal ends it early; the head is then of the faces until there
 * @throws Failure DATASET_INVALID naming an image that cannot be used; MODEL_INVALID where the network embeds a face as
 *   numbers that are not finite or all 0
 */
export async function withClassMeanHead(
  drawn: TrainingState,
  { spec, data, threads, onProgress }: ClassMeanDependencies,
  signal: AbortSignal,
): Promise<TrainingState> {
  const { backbone, classCount } = spec;
  const head = drawn.weights.get(HEAD);
  if (head === undefined) throw new RangeError('the state has no head');
  const graph = compileServingGraph(backbone, backboneWeightsOf(drawn));
  const session = await OnnxSession.load(graph, { intraOpThreads: threads });
  const sums = new TemplateSums(backbone.embeddingSize, classCount);
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
  return { ...drawn, weights: new Map(drawn.weights).set(HEAD, headOfTemplates(sums.templates(), head)) };
}

/** @returns [n, D], row after row */
async function embeddingsOf(
  session: OnnxSession,
  { inputSize: { height, width } }: Backbone,
  { images, labels }: AlignedFaces,
): Promise<Float32Array> {
  const dimensions = [labels.length, 3, height, width];
  const [output] = await session.run({ data: channelsFirst(images, height * width), dimensions });
  return output?.data ?? new Float32Array();
}

function addRows(sums: TemplateSums, embeddings: Float32Array, labels: Int32Array): void {
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
