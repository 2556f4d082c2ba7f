import { describe, expect, it } from 'vitest';

import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { NetworkWriter } from '../../../test/support/small-networks.js';
import { quantisationParameters, quantiseBiases, quantiseFilters } from './affine-quantisation.js';
import { operatorName } from '../../onnx/graph.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { floatsOf } from '../../onnx/tensor.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import { RangeObserver } from './range-observer.js';
import { foldGraph } from './fold-graph.js';
import { valuesToObserve } from './graph-plan.js';
import { type ValueRanges, quantisationPlan, quantiseGraph } from './quantise-graph.js';

const side = 12;
const dimensions = [4, 3, side, side];

/** Every operator that bytes go through, two that they do not, and a value that is used both ways. */
function residualNetwork(): Uint8Array {
  const network = new NetworkWriter();
  const pads = [1, 1, 1, 1];
  const stem = network.batchNorm(network.convolution('image', [8, 3, 3, 3], { pads }), 8);
  const active = network.node('Relu', [stem]);
  const pooled = network.node('MaxPool', [active], { kernel_shape: [2, 2], strides: [2, 2] });
  const depthwise = network.convolution(pooled, [8, 1, 3, 3], { group: 8, pads });
  const clipped = network.node('Clip', [depthwise, network.number(0), network.number(6)]);
  const sum = network.node('Relu', [
    network.node('Add', [pooled, network.convolution(clipped, [8, 8, 3, 3], { pads })]),
  ]);
  const slopes = network.node('PRelu', [sum, network.weights([8, 1, 1], 0.25, 0.1)]);
  const halved = network.node('AveragePool', [sum], { kernel_shape: [2, 2], strides: [2, 2] });
  const wider = network.node('Pad', [halved, network.integers(0, 0, 0, 0, 0, 8, 0, 0)]);
  const strided = network.convolution(slopes, [16, 8, 3, 3], { pads, strides: [2, 2] });
  const features = network.node('ReduceMean', [network.node('Add', [wider, strided])], {
    axes: [2, 3],
    keepdims: 0,
  });
  return network.model(network.node('MatMul', [features, network.weights([16, 6], 0, 0.3)]));
}

function images(seed: number): Float32Array {
  return Float32Array.from({ length: dimensions.reduce((a, b) => a * b) }, (_, index) =>
    Math.sin(0.37 * index * (1 + seed / 7) + seed),
  );
}

async function rangesOf(plan: ReturnType<typeof quantisationPlan>): Promise<ValueRanges> {
  const calibration = await RangeObserver.start(plan, 1);
  try {
    for (let seed = 0; seed < 4; seed++) await calibration.add({ data: images(seed), dimensions });
    return calibration.measured;
  } finally {
    await calibration.release();
  }
}

async function embed(graph: Uint8Array, data: Float32Array): Promise<Float32Array> {
  const session = await InferenceSession.create(graph, { executionProviders: ['cpu'], logSeverityLevel: 3 });
  const results = await session.run({ image: new Tensor('float32', data, dimensions) });
  await session.release();
  return Object.values(results)[0]!.data as Float32Array;
}

function cosine(a: Float32Array, b: Float32Array): number {
  const dot = a.reduce((sum, value, index) => sum + value * b[index]!, 0);
  return dot / Math.hypot(...a) / Math.hypot(...b);
}

describe('a quantised graph', () => {
  it('computes nearly what the network does, on bytes', async () => {
    const network = residualNetwork();
    const plan = quantisationPlan(await foldGraph(network));
    const quantised = quantiseGraph(plan, await rangesOf(plan));

    const counts: Record<string, number> = {};
    for (const node of readOnnx(quantised).graph.nodes) {
      const name = operatorName(node);
      counts[name] = (counts[name] ?? 0) + 1;
    }
    expect(counts).toMatchObject({
      QLinearConv: 4,
      'com.microsoft.QLinearAdd': 2,
      'com.microsoft.QLinearAveragePool': 1,
      MaxPool: 1,
      PRelu: 1,
      ReduceMean: 1,
      MatMul: 1,
    });
    expect(counts['Conv'] ?? 0).toBe(0);
    // Saturation does what these did.
    expect(counts['Relu'] ?? 0).toBe(0);
    expect(counts['Clip'] ?? 0).toBe(0);

    // Not among the images that were measured.
    const unseen = images(0.5);
    const [expected, actual] = [await embed(network, unseen), await embed(quantised, unseen)];
    expect(cosine(expected, actual)).toBeGreaterThan(0.99);
    expect(Math.max(...actual.map((value, index) => Math.abs(value - expected[index]!)))).toBeGreaterThan(0);
  });

  it('rounds a convolution as the arithmetic of bytes says', async () => {
    const network = new NetworkWriter();
    const filters = network.weights([2, 3, 1, 1]);
    const biases = network.weights([2], 0, 0.2);
    const graph = network.model(network.node('Relu', [network.node('Conv', ['image', filters, biases])]));
    const plan = quantisationPlan(await foldGraph(graph));
    const ranges = await rangesOf(plan);
    const actual = await embed(quantiseGraph(plan, ranges), images(0));

    const constants = readOnnx(graph).graph.constants;
    const { values, scales } = quantiseFilters(floatsOf(constants.get(filters)!), 2);
    const [x, y] = [...ranges.values()].map((range) => quantisationParameters(range));
    const steps = quantiseBiases(floatsOf(constants.get(biases)!), x!.scale, scales);
    const byte = (value: number) => Math.max(0, Math.min(255, value));
    const data = images(0);
    const pixels = side * side;
    for (const [place, value] of actual.entries()) {
      const [image, channel, pixel] = [
        Math.floor(place / pixels / 2),
        Math.floor(place / pixels) % 2,
        place % pixels,
      ];
      let sum = steps[channel]!;
      for (let source = 0; source < 3; source++) {
        const q = byte(Math.round(data[(image * 3 + source) * pixels + pixel]! / x!.scale) + x!.zeroPoint);
        sum += (q - x!.zeroPoint) * values[channel * 3 + source]!;
      }
      const q = byte(Math.round((sum * x!.scale * scales[channel]!) / y!.scale) + y!.zeroPoint);
      // Halves may be rounded either way.
      expect(Math.abs(value - (q - y!.zeroPoint) * y!.scale)).toBeLessThan(1.01 * y!.scale);
    }
    expect(y!.zeroPoint).toBe(0);
  });

  it('leaves averages over padded windows in floats, and padding with other numbers than 0', async () => {
    const network = new NetworkWriter();
    const features = network.node('Relu', [
      network.convolution('image', [4, 3, 3, 3], { pads: [1, 1, 1, 1] }),
    ]);
    const pooled = network.node('AveragePool', [features], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] });
    const padded = network.node('Pad', [
      features,
      network.integers(0, 0, 1, 1, 0, 0, 0, 0),
      network.number(2),
    ]);
    const sums = [pooled, padded].map((value) =>
      network.node('ReduceMean', [value], { axes: [2, 3], keepdims: 0 }),
    );
    const graph = network.model(network.node('Concat', sums, { axis: 1 }));
    const plan = quantisationPlan(await foldGraph(graph));
    const quantised = quantiseGraph(plan, await rangesOf(plan));
    const operators = readOnnx(quantised).graph.nodes.map(operatorName);
    expect(operators).toContain('AveragePool');
    expect(operators).toContain('QLinearConv');
    const [expected, actual] = [await embed(graph, images(0.5)), await embed(quantised, images(0.5))];
    expect(cosine(expected, actual)).toBeGreaterThan(0.999);
  });

  it('is the same file for the same ranges', async () => {
    const plan = quantisationPlan(await foldGraph(residualNetwork()));
    const ranges = await rangesOf(plan);
    expect(Buffer.from(quantiseGraph(plan, ranges)).equals(quantiseGraph(plan, ranges))).toBe(true);
  });

  it('needs the range of every value that becomes bytes', async () => {
    const plan = quantisationPlan(await foldGraph(residualNetwork()));
    const ranges = new Map(await rangesOf(plan));
    const [, second = ''] = valuesToObserve(plan);
    ranges.delete(second);
    expect(() => quantiseGraph(plan, ranges)).toThrow(/were not measured: calibrate/u);
  });

  it('says of networks in branches, as behind a gate, that they stay in floats', () => {
    const { graph, ...model } = readOnnx(residualNetwork());
    const [output] = graph.outputs.map(({ name }) => name);
    const node = {
      name: 'gate',
      operator: 'If',
      domain: '',
      inputs: ['is-adapted'],
      outputs: [output ?? ''],
    };
    const attributes = { then_branch: { graph }, else_branch: { graph } };
    const gated = { ...graph, nodes: [{ ...node, attributes }], constants: new Map() };
    expect(() => quantisationPlan(writeOnnx({ ...model, graph: gated }))).toThrow(
      /no convolution .* gate .* serve it in 32 bits, or quantise the one that it was retrained from/u,
    );
  });

  it('is refused where nothing would be faster', async () => {
    const network = new NetworkWriter();
    const flat = network.node('Flatten', ['image']);
    const graph = network.model(network.node('MatMul', [flat, network.weights([432, 4])]));
    const folded = await foldGraph(graph);
    expect(() => quantisationPlan(folded)).toThrow(/no convolution/u);
  });
});
