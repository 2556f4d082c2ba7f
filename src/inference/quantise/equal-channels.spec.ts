import { describe, expect, it } from 'vitest';

import { NetworkWriter } from '../../../test/support/small-networks.js';
import type { Graph } from '../../onnx/graph.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { floatsOf } from '../../onnx/tensor.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import { OnnxSession } from '../runtime/onnx-session.js';
import { withEqualChannels } from './equal-channels.js';

const SIDE = 12;
const images = Float32Array.from({ length: 3 * SIDE * SIDE }, (_, index) => 2 * Math.sin(1.3 * index));

async function outputOf(graph: Uint8Array): Promise<Float32Array> {
  const session = await OnnxSession.load(graph, { intraOpThreads: 1, asWritten: true });
  try {
    const [output] = await session.run({ data: images, dimensions: [1, 3, SIDE, SIDE] });
    return output!.data;
  } finally {
    await session.release();
  }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Infinity))), 0);
}

/** A bottleneck as MobileFaceNet's: wider, filtered channel by channel, narrower. */
function bottleneck(activation: (network: NetworkWriter, x: string) => string): Uint8Array {
  const network = new NetworkWriter();
  const wide = activation(network, network.convolution('image', [6, 3, 1, 1]));
  const filtered = activation(network, network.convolution(wide, [6, 1, 3, 3], { group: 6 }));
  return network.model(network.convolution(filtered, [4, 6, 1, 1]));
}

const prelu = (network: NetworkWriter, x: string): string =>
  network.node('PRelu', [x, network.weights([6, 1, 1], 0.5)]);

/** Lengths of the filters of the first convolution, with their biases. */
function lengthsOf({ nodes, constants }: Graph): number[] {
  const [, filter = '', bias = ''] = nodes[0]!.inputs;
  const [filters, biases] = [floatsOf(constants.get(filter)!), floatsOf(constants.get(bias)!)];
  const perChannel = filters.length / biases.length;
  return Array.from(biases, (offset, channel) =>
    Math.hypot(offset, ...filters.subarray(channel * perChannel, (channel + 1) * perChannel)),
  );
}

describe('channels on a common scale', () => {
  it.each([
    ['PReLU', prelu],
    ['ReLU', (network: NetworkWriter, x: string) => network.node('Relu', [x])],
  ])(
    'compute the same across %s, and are alike before a depthwise convolution',
    async (_name, activation) => {
      const graph = bottleneck(activation);
      const model = readOnnx(graph);
      const equal = withEqualChannels(model.graph);
      const difference = largestDifference(
        await outputOf(graph),
        await outputOf(writeOnnx({ ...model, graph: equal })),
      );
      expect(difference).toBeLessThan(1e-5);
      const [before, after] = [lengthsOf(model.graph), lengthsOf(equal)];
      expect(Math.max(...before) / Math.min(...before)).toBeGreaterThan(1.2);
      expect(Math.max(...after) / Math.min(...after)).toBeCloseTo(1, 4);
    },
  );

  it('leaves alone what is cut off from above, or read by others', () => {
    const clipped = readOnnx(
      bottleneck((network, x) => network.node('Clip', [x, network.number(0), network.number(6)])),
    );
    expect(withEqualChannels(clipped.graph).constants).toEqual(clipped.graph.constants);
    const network = new NetworkWriter();
    const features = network.node('Relu', [network.convolution('image', [3, 3, 1, 1])]);
    const filtered = network.convolution(features, [3, 1, 3, 3], { group: 3, pads: [1, 1, 1, 1] });
    const shared = readOnnx(network.model(network.node('Add', [features, filtered])));
    expect(withEqualChannels(shared.graph).constants).toEqual(shared.graph.constants);
  });
});
