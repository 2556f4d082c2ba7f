import type { Graph, GraphNode } from '../../onnx/graph.js';
import { floatsOf, type Tensor } from '../../onnx/tensor.js';
import { isConvolution, outputOf } from './graph-plan.js';

/** Activations that are positively homogeneous: f(x / s) = f(x) / s for any s > 0. */
const HOMOGENEOUS: ReadonlySet<string> = new Set(['PRelu', 'Relu', 'LeakyRelu']);

/**
 * The same network with the channels of a feature map on a common scale, so that one range fits all of them (cross-layer equalisation,
 * Nagel et al., ICCV 2019, section 4.1): what a channel is divided by in a convolution, the next one multiplies it by. Before a
 * depthwise convolution, whose filters have scales of their own, channels become alike; before any other, s = √(r₁ / r₂) divides
 * what is unlike evenly between both.
 * @param graph with its norms folded
 */
export function withEqualChannels(graph: Graph): Graph {
  const constants = new Map(graph.constants);
  const consumers = new Map<string, GraphNode[]>();
  const producers = new Map(graph.nodes.flatMap((node) => node.outputs.map((output) => [output, node])));
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  for (const node of graph.nodes)
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);
  const isOnlyUse = (name: string): boolean => consumers.get(name)?.length === 1 && !outputs.has(name);

  for (const second of graph.nodes) {
    const activation = producers.get(second.inputs[0] ?? '');
    const first = producers.get(activation?.inputs[0] ?? '');
    if (activation === undefined || first === undefined || !HOMOGENEOUS.has(activation.operator)) continue;
    if (!isConvolution(first, graph.constants) || !isConvolution(second, graph.constants)) continue;
    const ownWeights = [...first.inputs.slice(1), second.inputs[1] ?? ''].filter((name) => name !== '');
    if (![outputOf(first), outputOf(activation), ...ownWeights].every(isOnlyUse)) continue;
    equalise(constants, first, second);
  }
  return { ...graph, constants };
}

function equalise(constants: Map<string, Tensor>, first: GraphNode, second: GraphNode): void {
  const [, firstFilter = '', bias = ''] = first.inputs;
  const [, secondFilter = ''] = second.inputs;
  const [before, after, offsets] = [firstFilter, secondFilter, bias].map((name) => constants.get(name));
  const channels = before?.dims[0] ?? 0;
  if (before === undefined || after === undefined) return;
  const isDepthwise = after.dims[0] === channels && after.dims[1] === 1;
  if (!isDepthwise && after.dims[1] !== channels) return;
  // Which channel a number of the first and of the second filters is of.
  const perChannel = floatsOf(before).length / channels;
  const window = after.dims.slice(2).reduce((product, extent) => product * extent, 1);
  const channelBefore = (index: number): number => Math.floor(index / perChannel);
  const channelAfter = (index: number): number => Math.floor(index / window) % channels;

  const lengths = lengthsOf(before, offsets, channels);
  const reaches = reachesOf(after, channels, channelAfter);
  const scales = lengths.map((length, channel) => {
    const reach = reaches[channel] ?? 0;
    if (!(length > 0) || !(reach > 0)) return 1;
    return isDepthwise ? length : Math.sqrt(length / reach);
  });
  const mean = scales.reduce((sum, scale) => sum + scale, 0) / channels;
  const scaleOf = (channel: number): number => (scales[channel] ?? 1) / mean;

  constants.set(
    firstFilter,
    mapped(before, (value, index) => value / scaleOf(channelBefore(index))),
  );
  if (offsets !== undefined)
    constants.set(
      bias,
      mapped(offsets, (value, channel) => value / scaleOf(channel)),
    );
  constants.set(
    secondFilter,
    mapped(after, (value, index) => value * scaleOf(channelAfter(index))),
  );
}

/** The lengths of filters with their biases, one a channel: how large the channel's numbers are, up to a factor for all. */
function lengthsOf(filters: Tensor, biases: Tensor | undefined, channels: number): Float64Array {
  const values = floatsOf(filters);
  const perChannel = values.length / channels;
  const offsets = biases === undefined ? new Float32Array(channels) : floatsOf(biases);
  return Float64Array.from({ length: channels }, (_, channel) =>
    Math.hypot(offsets[channel] ?? 0, ...values.subarray(channel * perChannel, (channel + 1) * perChannel)),
  );
}

/** The largest weight of each channel. */
function reachesOf(filters: Tensor, channels: number, channelOf: (index: number) => number): Float64Array {
  const reaches = new Float64Array(channels);
  for (const [index, value] of floatsOf(filters).entries()) {
    const channel = channelOf(index);
    reaches[channel] = Math.max(reaches[channel] ?? 0, Math.abs(value));
  }
  return reaches;
}

function mapped(tensor: Tensor, of: (value: number, index: number) => number): Tensor {
  return { elementType: 'float32', dims: tensor.dims, elements: floatsOf(tensor).map(of) };
}
