import { arcFaceColumns } from '../../core/faces/alignment-template.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { BackboneManifest, PixelNormalisation } from '../../core/models/manifest.js';
import { noiseCrops, requireSelfCheck, selfCheckCrops, selfCheckOf } from '../../core/models/self-check.js';
import type { Weights } from '../../core/models/weights.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { designWeights } from '../../learning/imported-backbone/design-weights.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { withoutDenormals } from '../../onnx/without-denormals.js';
import { trainedManifest } from '../export/export-model.js';

const seed = 1;

/**
 * Weights of a design from an ONNX file of the same network, once both have embedded the same noise alike.
 * @throws Failure MODEL_INVALID where the file is another network
 */
export async function adoptedWeights(
  file: Uint8Array,
  backbone: Backbone,
  channelOrder: PixelNormalisation['channelOrder'],
): Promise<Weights> {
  const weights = designWeights(withoutDenormals(readOnnx(file).graph), backbone, channelOrder);
  const graph = compileServingGraph(backbone, weights);
  const { height, width } = backbone.inputSize;
  const described = { name: backbone.name, license: 'unknown', source: 'an ONNX file' };
  const manifest = trainedManifest(backbone, arcFaceColumns(width), graph, described);
  const crops = noiseCrops(width, height, seed, selfCheckCrops);
  const expected = await embedded(file, { ...manifest, input: { ...manifest.input, channelOrder } }, crops);
  requireSelfCheck(selfCheckOf(seed, expected), await embedded(graph, manifest, crops));
  return weights;
}

async function embedded(
  graph: Uint8Array,
  manifest: BackboneManifest,
  crops: readonly RgbImage[],
): Promise<readonly Float32Array[]> {
  const session = await OnnxSession.load(graph, { intraOpThreads: 1 });
  const embedder = new OnnxFaceEmbedder(session, manifest);
  try {
    return await embedder.embedUpright(crops);
  } finally {
    await embedder.release();
  }
}
