import type { TrainingSpec } from '../step/training-spec.js';
import {
  backboneGradientStep,
  embeddingStep,
  headGradientStep,
  softmaxShareStep,
} from '../step/split-head-steps.js';
import { CompiledGradients } from './compiled-gradients.js';
import type { OrtEngineOptions } from './ort-engine-options.js';

/** What a step of a split head runs, one after the other; between them the processes exchange what each has come to. */
export interface SplitHeadGraphs {
  readonly embedding: CompiledGradients;
  readonly softmax: CompiledGradients;
  readonly head: CompiledGradients;
  readonly backbone: CompiledGradients;
}

/**
 * @param spec of this process's share
 * @param samples of all processes' batches together
 * @throws as `CompiledGradients.compile`
 */
export async function compileSplitHead(
  spec: TrainingSpec,
  samples: number,
  options: OrtEngineOptions,
): Promise<SplitHeadGraphs> {
  const { name } = spec.backbone;
  return {
    embedding: await CompiledGradients.compile(`embedding-${name}`, embeddingStep(spec), options),
    softmax: await CompiledGradients.compile(`softmax-${name}`, softmaxShareStep(spec, samples), options),
    head: await CompiledGradients.compile(`head-${name}`, headGradientStep(spec, samples), options),
    backbone: await CompiledGradients.compile(`backbone-${name}`, backboneGradientStep(spec), options),
  };
}

export async function releaseSplitHead({
  embedding,
  softmax,
  head,
  backbone,
}: SplitHeadGraphs): Promise<void> {
  for (const graph of [embedding, softmax, head, backbone]) await graph.release();
}
