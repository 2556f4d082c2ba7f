import type * as tf from '@tensorflow/tfjs';

import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { compileToOnnx } from '../../compiler/index.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import {
  noiseCrops,
  requireSelfCheck,
  type SelfCheck,
  selfCheckCrops,
  selfCheckOf,
} from '../../core/models/self-check.js';
import type { Weights } from '../../core/models/weights.js';
import { l2Norm } from '../../core/verification/similarity.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import type { Gating } from '../../learning/gating/gated-graph.js';
import { isAdaptedLook } from '../../learning/gating/look-gate.js';
import { noParts, type ServedParts } from '../../learning/gating/served-parts.js';
import { projectedRows } from '../../learning/projection/within-class-whitening.js';
import { smoothedBackbone } from '../../learning/smoothing/smoothed-backbone.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { looksOf } from '../choice/face-looks.js';
import { PixelTensorEncoder } from '../../inference/runtime/pixel-tensor.js';

const seed = 1;

/** What a graph is to compute. */
export interface TrainedNetwork {
  readonly backbone: Backbone;
  readonly weights: Weights;
  /** None where they are left out. */
  readonly parts?: ServedParts;
}

/**
 * What a trained network answers to noise, computed another way than by the graph that serves: weights are inputs, so that
 * nothing is folded into them, and the runtime optimises nothing.
 * @returns undefined where an embedding has no direction
 * @throws Failure MODEL_INVALID where the graph that serves does not answer the same
 */
export async function selfCheckFor(
  { backbone, weights, parts: { smoothingPixels, projection, gating } = noParts }: TrainedNetwork,
  graph: Uint8Array,
  manifest: BackboneManifest,
): Promise<SelfCheck | undefined> {
  const bare = await referenceEmbeddings(smoothedBackbone(backbone, smoothingPixels), weights, manifest);
  const own = projection === undefined ? bare : projectedRows(bare, projection);
  const embeddings = gating === undefined ? own : await chosenByLook(own, gating, manifest);
  if (embeddings.some((embedding) => !(l2Norm(embedding) > 0))) return undefined;
  const check = selfCheckOf(seed, embeddings);
  const session = await OnnxSession.load(graph, { intraOpThreads: 0 });
  const embedder = new OnnxFaceEmbedder(session, manifest);
  try {
    requireSelfCheck(check, await embedder.embedUpright(cropsOf(manifest)));
  } finally {
    await embedder.release();
  }
  return check;
}

/** Of noise that looks unlike what was trained on, the general network's. */
async function chosenByLook(
  adapted: readonly Float32Array[],
  { gate, general }: Gating,
  manifest: BackboneManifest,
): Promise<readonly Float32Array[]> {
  const looks = await looksOf(cropsOf(manifest), 1);
  const session = await OnnxSession.load(general, { intraOpThreads: 0 });
  const embedder = new OnnxFaceEmbedder(session, manifest);
  try {
    const others = await embedder.embedUpright(cropsOf(manifest));
    return adapted.map((own, crop) => (isAdaptedLook(gate, looks[crop] ?? []) ? own : (others[crop] ?? own)));
  } finally {
    await embedder.release();
  }
}

function cropsOf({ input: { width, height } }: BackboneManifest): ReturnType<typeof noiseCrops> {
  return noiseCrops(width, height, seed, selfCheckCrops);
}

async function referenceEmbeddings(
  backbone: Backbone,
  weights: Weights,
  manifest: BackboneManifest,
): Promise<readonly Float32Array[]> {
  const encoded = new PixelTensorEncoder(manifest.input).encode(
    cropsOf(manifest).map((image) => ({ image, mirrored: false })),
  );
  const feeds: Record<string, Tensor> = {
    image: new Tensor('float32', encoded.data, [...encoded.dimensions]),
  };
  for (const [index, { values, shape }] of [...weights.values()].entries()) {
    feeds[inputName(index)] = new Tensor('float32', values, [...shape]);
  }
  const session = await InferenceSession.create(referenceGraph(backbone, weights), {
    graphOptimizationLevel: 'disabled',
    logSeverityLevel: 3,
  });
  try {
    const { embedding } = await session.run(feeds);
    const data = embedding?.data as Float32Array;
    const { embeddingSize } = backbone;
    return Array.from({ length: selfCheckCrops }, (_, crop) =>
      data.slice(crop * embeddingSize, (crop + 1) * embeddingSize),
    );
  } finally {
    await session.release();
  }
}

function inputName(index: number): string {
  return `array_${index}`;
}

function referenceGraph(backbone: Backbone, weights: Weights): Uint8Array {
  const { height, width } = backbone.inputSize;
  const names = [...weights.keys()];
  return compileToOnnx({
    name: `${backbone.name}-reference`,
    inputs: [
      { name: 'image', shape: [selfCheckCrops, height, width, 3], dtype: 'float32', layout: 'NCHW' },
      ...Array.from(weights.values(), ({ shape }, index) => ({
        name: inputName(index),
        shape,
        dtype: 'float32' as const,
      })),
    ],
    outputs: ['embedding'],
    run: (images, ...arrays) => {
      const variables = Object.fromEntries(arrays.map((array, index) => [names[index] ?? '', array]));
      return [backbone.forward(images as tf.Tensor4D, variables, { normalisation: 'frozen' }).embeddings];
    },
  });
}
