import { arcFacePreset } from '../../core/models/presets.js';
import type { InputSize } from '../../learning/backbones/backbone.js';
import { suppressTfjsNotice } from '../../learning/engines/tfjs-notice.js';
import { importBackbone } from '../../learning/imported-backbone/import-backbone.js';
import type { BackboneSummary } from './backbone-summary.js';
import { graphImageInput } from '../../learning/imported-backbone/graph-image-input.js';
import { readOnnx } from '../../onnx/read-onnx.js';

export interface ImportedSummary extends BackboneSummary {
  /** How many nodes of each operator are evaluated, the most frequent first. */
  readonly operators: Readonly<Record<string, number>>;
}

/**
 * What the training makes of an ONNX file.
 *
 * @param inputSize of the images where the graph leaves it open
 * @throws Failure MODEL_INVALID where it cannot be trained, naming what is in the way
 */
export function summariseImportedBackbone(
  bytes: Uint8Array,
  { name, inputSize }: { readonly name: string; readonly inputSize: InputSize },
): ImportedSummary {
  suppressTfjsNotice();
  const { graph } = readOnnx(bytes);
  // The pixels' normalisation does not change what is counted, so that no manifest is needed.
  const input = { ...arcFacePreset({ dimension: 1 }).input, ...graphImageInput(graph, inputSize) };
  const { backbone, operators } = importBackbone(graph, { name, source: 'an ONNX file', input });
  const { embeddingSize, parameterCount, multiplyAdds, source } = backbone;
  const counted = { embeddingSize, parameterCount, multiplyAdds };
  return { name, input: backbone.inputSize, ...counted, source, operators: Object.fromEntries(operators) };
}
