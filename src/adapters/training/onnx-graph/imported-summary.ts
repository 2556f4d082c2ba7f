import type { InputSize } from '../../../learning/backbones/backbone.js';
import { importBackbone, type ImportOptions } from '../../../learning/imported-backbone/import-backbone.js';
import type { GraphPort } from '../../../learning/imported-backbone/onnx-graph.js';
import type { BackboneSummary } from '../backbone-summary.js';
import { readOnnxGraph } from './read-onnx-graph.js';

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
  const graph = readOnnxGraph(bytes);
  const input = imageInput(graph.inputs[0], inputSize);
  const { backbone, operators } = importBackbone(graph, { name, source: 'an ONNX file', input });
  const { embeddingSize, parameterCount, multiplyAdds, source } = backbone;
  const counted = { embeddingSize, parameterCount, multiplyAdds };
  return { name, input: backbone.inputSize, ...counted, source, operators: Object.fromEntries(operators) };
}

/** The pixels' normalisation does not change what is counted, so that no manifest is needed. */
function imageInput(port: GraphPort | undefined, inputSize: InputSize): ImportOptions['input'] {
  const [, first, second, third] = port?.shape ?? [];
  const layout = third === 3 && first !== 3 ? 'NHWC' : 'NCHW';
  const [height, width] = layout === 'NHWC' ? [first, second] : [second, third];
  return {
    layout,
    channelOrder: 'RGB',
    mean: [127.5, 127.5, 127.5],
    scale: [128, 128, 128],
    height: height ?? inputSize.height,
    width: width ?? inputSize.width,
  };
}
