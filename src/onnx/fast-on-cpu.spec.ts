import { describe, expect, it } from 'vitest';

import { NetworkWriter } from '../../test/support/small-networks.js';
import { OnnxSession } from '../inference/runtime/onnx-session.js';
import { fastOnCpu } from './fast-on-cpu.js';
import { graphAttribute, readOnnx } from './read-onnx.js';
import { floatsOf, tensorOf } from './tensor.js';
import { writeOnnx } from './write-onnx.js';

const SIDE = 12;
const images = Float32Array.from({ length: 2 * 3 * SIDE * SIDE }, (_, index) => 2 * Math.sin(1.3 * index));

async function outputOf(graph: Uint8Array): Promise<Float32Array> {
  const session = await OnnxSession.load(graph, { intraOpThreads: 1, asWritten: true });
  try {
    const [output] = await session.run({ data: images, dimensions: [2, 3, SIDE, SIDE] });
    return output!.data;
  } finally {
    await session.release();
  }
}

function largestDifference(a: Float32Array, b: Float32Array): number {
  return a.reduce((most, value, index) => Math.max(most, Math.abs(value - (b[index] ?? Infinity))), 0);
}

function operatorsOf(graph: Uint8Array): string[] {
  return readOnnx(graph).graph.nodes.map(({ operator }) => operator);
}

/** Slopes on both sides of 1, and below 0. @param x name of a feature map */
function prelu(network: NetworkWriter, x: string, shape: readonly number[]): string {
  return network.node('PRelu', [x, network.weights(shape, 0.5, 1.2)]);
}

function convolutional(channels: number): Uint8Array {
  const network = new NetworkWriter();
  const features = network.convolution('image', [channels, 3, 3, 3]);
  return network.model(network.convolution(prelu(network, features, [channels, 1, 1]), [4, channels, 3, 3]));
}

describe('the form of a graph that a CPU computes fastest', () => {
  it('has convolutions and a sum in the place of PReLU behind a convolution of whole blocks of channels', async () => {
    const graph = convolutional(32);
    const fast = fastOnCpu(graph, true);
    expect(operatorsOf(fast)).toEqual(['Conv', 'Conv', 'Relu', 'Conv', 'Add', 'Conv']);
    expect(largestDifference(await outputOf(graph), await outputOf(fast))).toBeLessThan(1e-4);
  });

  it('has them behind a bias that is added, too', async () => {
    const network = new NetworkWriter();
    const filtered = network.node('Conv', ['image', network.weights([16, 3, 3, 3])]);
    const features = network.node('Add', [filtered, network.weights([16, 1, 1])]);
    const graph = network.model(prelu(network, features, [16, 1, 1]));
    const fast = fastOnCpu(graph, true);
    expect(operatorsOf(fast)).toEqual(['Conv', 'Add', 'Conv', 'Relu', 'Conv', 'Add']);
    expect(largestDifference(await outputOf(graph), await outputOf(fast))).toBeLessThan(1e-5);
  });

  it('has them in the branches of a graph, too', async () => {
    const model = readOnnx(convolutional(32));
    const { graph } = model;
    const branch = { ...graph, inputs: [] };
    const whole = writeOnnx({
      ...model,
      graph: {
        ...graph,
        nodes: [
          {
            ...{ name: 'choice', operator: 'If', domain: '', inputs: ['always'] },
            outputs: ['chosen'],
            attributes: { then_branch: { graph: branch }, else_branch: { graph: branch } },
          },
        ],
        constants: new Map([['always', tensorOf([1], [], 'bool')]]),
        outputs: graph.outputs.map((value) => ({ ...value, name: 'chosen' })),
      },
    });
    const fast = fastOnCpu(whole, true);
    const branches = Object.values(readOnnx(fast).graph.nodes[0]!.attributes);
    expect(branches).toHaveLength(2);
    for (const each of branches)
      expect(graphAttribute(each)?.nodes.map(({ operator }) => operator)).toEqual([
        ...['Conv', 'Conv', 'Relu', 'Conv', 'Add', 'Conv'],
      ]);
    expect(largestDifference(await outputOf(whole), await outputOf(fast))).toBeLessThan(1e-4);
  });

  it('has sums and products in its place elsewhere', async () => {
    const network = new NetworkWriter();
    const scaled = network.node('Mul', ['image', network.weights([3, 1, 1], 1)]);
    const graphs = [convolutional(5), network.model(prelu(network, prelu(network, scaled, [3, 1, 1]), [1]))];
    const unblocked = fastOnCpu(convolutional(32), false);
    expect(operatorsOf(unblocked)).toEqual(['Conv', 'Min', 'Mul', 'Add', 'Conv']);
    for (const graph of graphs) {
      const fast = fastOnCpu(graph, true);
      expect(operatorsOf(fast)).not.toContain('PRelu');
      expect(operatorsOf(fast)).toContain('Min');
      expect(largestDifference(await outputOf(graph), await outputOf(fast))).toBeLessThan(1e-5);
    }
  });

  it('has 0 in the place of weights that are denormal, and only there', () => {
    const network = new NetworkWriter();
    const model = readOnnx(network.model(network.convolution('image', [4, 3, 3, 3])));
    const [name, filter] = [...model.graph.constants].find(([, { dims }]) => dims.length === 4)!;
    const elements = floatsOf(filter).slice();
    // By their bits: 2^-127 and -2^-149 are denormal, 2^-126 is not. (ONNX Runtime may have told this thread to know none.)
    new Uint32Array(elements.buffer).set([0x00400000, 0x80000001, 0x00800000, 0]);
    const constants = new Map(model.graph.constants).set(name, { ...filter, elements });
    const fast = readOnnx(fastOnCpu(writeOnnx({ ...model, graph: { ...model.graph, constants } })));
    const flushed = floatsOf(fast.graph.constants.get(name)!);
    expect([...flushed.subarray(0, 5)]).toEqual([0, 0, 2 ** -126, 0, elements[4]]);
  });

  it('is the file itself where there is nothing to change, and where it cannot be read', () => {
    const network = new NetworkWriter();
    const graph = network.model(network.node('Relu', [network.convolution('image', [4, 3, 3, 3])]));
    expect(fastOnCpu(graph)).toBe(graph);
    const garbage = Uint8Array.of(1, 2, 3);
    expect(fastOnCpu(garbage)).toBe(garbage);
  });
});
