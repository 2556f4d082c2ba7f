import { toBlocks } from './kernels/blocked-convolution.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { compiledModel } from './compiled-model.js';

const CHANNELS = 16;

/** A model that shows how the machine it runs on blocks channels, and what to make of its output. */
export interface ChannelBlockProbe {
  readonly model: Uint8Array;
  readonly input: { readonly name: string; readonly dims: readonly number[]; readonly values: Float32Array };
  readonly outputName: string;
  /** @returns {@link CompilationTarget.channelBlock} */
  readonly channelBlockOf: (output: ArrayLike<number>) => number | undefined;
}

/**
 * Rearranges an image of two pixels, each of 16 channels: the second pixel of the first channel comes after the first
 * pixel of so many channels as make a block. ONNX Runtime may refuse the model: then there is no such layout.
 */
export function channelBlockProbe(): ChannelBlockProbe {
  const graph = new GraphBuilder();
  const dims = [1, CHANNELS, 1, 2];
  const image = graph.input('image', 'float32', dims);
  graph.output('blocks', toBlocks(graph, image), 'float32', dims);
  return {
    model: compiledModel(graph.build(), 'channel-block-probe'),
    input: { name: 'image', dims, values: Float32Array.from({ length: CHANNELS * 2 }, (_, index) => index) },
    outputName: 'blocks',
    channelBlockOf: (output) => {
      const block = Array.from(output).indexOf(1);
      return block === 8 || block === 16 ? block : undefined;
    },
  };
}
