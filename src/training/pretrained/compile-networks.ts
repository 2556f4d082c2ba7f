import type { BackboneManifest } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneArchitecture } from '../../learning/backbones/catalogue.js';
import { suppressTfjsNotice } from '../../learning/engines/tfjs-notice.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { areSameAnswers, detectorAnswers } from '../detector/detector-answers.js';
import { compileDetector, type CompiledDetector } from '../detector/detector-export.js';
import { compileChecked } from './compile-checked.js';
import { dlibResNetFunction } from './tfjs-functions.js';
import { dlibResNetNetwork } from './pretrained-networks.js';
import type { ShippedDetector } from './shipped-detector.js';
import type { WeightFile } from './weight-file.js';

// This module loads tfjs, so it is imported only where something must be compiled.

type FileName = (typeof dlibResNetNetwork)['fileName'];

const functions = {
  [dlibResNetNetwork.fileName]: dlibResNetFunction,
} as const;

/** Compiles one network of npm's. @throws Error where the graph computes something else than tfjs */
export async function compileNetwork(fileName: FileName, weights: WeightFile): Promise<Uint8Array> {
  suppressTfjsNotice();
  return compileChecked(functions[fileName](weights));
}

/**
 * Compiles weights of one of our designs.
 * @throws Failure MODEL_INVALID where the weights are not the network's
 */
export function compileDesign(
  design: string,
  { input, embedding }: Pick<BackboneManifest, 'input' | 'embedding'>,
  weights: Weights,
): Uint8Array {
  suppressTfjsNotice();
  const backbone = createBackbone(backboneArchitecture(design), {
    inputSize: input,
    embeddingSize: embedding.dimension,
  });
  return compileServingGraph(backbone, weights);
}

/** @throws Failure MODEL_INVALID where the graph does not answer noise as its network did where that was trained */
export async function requireSelfCheckOf(graph: Uint8Array, manifest: BackboneManifest): Promise<void> {
  const embedder = new OnnxFaceEmbedder(await OnnxSession.load(graph, { intraOpThreads: 1 }), manifest);
  try {
    await embedder.checkItself(manifest);
  } finally {
    await embedder.release();
  }
}

/** Compiles the graphs of a detector, and tells whether it answers as where it was trained. @throws Failure MODEL_INVALID */
export async function compileShippedDetector({
  network,
  weights,
  selfCheck,
}: Pick<ShippedDetector, 'network' | 'weights' | 'selfCheck'>): Promise<
  CompiledDetector & { readonly isItself: boolean }
> {
  suppressTfjsNotice();
  const compiled = compileDetector(network, weights());
  return { ...compiled, isItself: areSameAnswers(await detectorAnswers(compiled), selfCheck) };
}
