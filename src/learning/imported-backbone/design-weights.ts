import * as tf from '@tensorflow/tfjs';

import { Failure } from '../../core/failure.js';
import type { PixelNormalisation } from '../../core/models/manifest.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import { describeNode, type Graph, type GraphNode } from '../../onnx/graph.js';
import { floatsOf, type Tensor } from '../../onnx/tensor.js';
import type { Backbone } from '../backbones/backbone.js';
import { NORM_EPSILON } from '../layers/batch-norm.js';
import type { ParameterSpec } from '../layers/layer.js';

const FILTER = '.filter';
const SLOPES = '.slopes';
/** Operators whose weights have no layer to go to: norms must be folded, and embeddings be convolutions. */
const OTHER_WEIGHTS: ReadonlySet<string> = new Set(['BatchNormalization', 'Gemm', 'MatMul']);

/**
 * The weights of a graph that is the same network as one of our designs, by the names of the design: its convolutions and
 * PReLUs, one after the other in the order of evaluation. Norms are folded into the graph's convolutions: what is left of
 * them is a bias, which becomes the offset of a norm that changes nothing else. Strides and shortcuts are not compared: that
 * both compute the same is for the caller to try.
 *
 * @param channelOrder that the graph takes pixels in; their mean and scale are 127.5 and 128
 * @throws Failure MODEL_INVALID naming the layer that has no counterpart of its shape
 */
export function designWeights(
  graph: Graph,
  backbone: Backbone,
  channelOrder: PixelNormalisation['channelOrder'],
): Weights {
  return new DesignWeightReader(graph, backbone, channelOrder === 'BGR').read();
}

class DesignWeightReader {
  private readonly weights = new Map<string, WeightArray>();

  constructor(
    private readonly graph: Graph,
    private readonly backbone: Backbone,
    private readonly isReversed: boolean,
  ) {}

  read(): Weights {
    const other = this.graph.nodes.find(({ operator }) => OTHER_WEIGHTS.has(operator));
    if (other !== undefined) throw this.unlike(`nothing in it is like ${describeNode(other)}`);
    const nodes = this.graph.nodes.filter(({ operator }) => operator === 'Conv' || operator === 'PRelu');
    const specs = this.backbone.parameters.filter(
      ({ name }) => name.endsWith(FILTER) || name.endsWith(SLOPES),
    );
    for (const [index, spec] of specs.entries()) this.add(spec, nodes[index]);
    if (nodes.length === specs.length) return this.weights;
    throw this.unlike(`it has ${specs.length} convolutions and PReLUs, the file ${nodes.length}`);
  }

  private add(spec: ParameterSpec, node: GraphNode | undefined): void {
    const operator = spec.name.endsWith(FILTER) ? 'Conv' : 'PRelu';
    if (node?.operator !== operator)
      throw this.unlike(`in the place of ${spec.name} the file has ${node ? describeNode(node) : 'nothing'}`);
    const [, first = ''] = node.inputs;
    const stored = this.graph.constants.get(first);
    if (stored === undefined) throw this.unlike(`the weights of ${describeNode(node)} are no constant`);
    if (operator === 'PRelu') {
      this.set(spec, floatsOf(stored));
      return;
    }
    this.addFilter(spec, stored);
    this.addNorm(spec, this.biasOf(node));
  }

  /** The convolution's own, or what is added to it. */
  private biasOf({ inputs: [, , own = ''], outputs: [output = ''] }: GraphNode): Float32Array | undefined {
    const sum = this.graph.nodes.find(
      ({ operator, inputs }) => operator === 'Add' && inputs.includes(output),
    );
    const added = sum?.inputs
      .map((name) => this.graph.constants.get(name))
      .find((tensor) => tensor !== undefined);
    const bias = this.graph.constants.get(own) ?? added;
    return bias === undefined ? undefined : floatsOf(bias);
  }

  /** ONNX's [out, in of a group, height, width] as [height, width, in, out]; depthwise as [height, width, channels, 1]. */
  private addFilter(spec: ParameterSpec, stored: Tensor): void {
    const [out = 0, inOfGroup = 0, height = 0, width = 0] = stored.dims;
    const isDepthwise = inOfGroup === 1 && spec.shape[3] === 1;
    const shape = isDepthwise ? [height, width, out, 1] : [height, width, inOfGroup, out];
    if (shape.join() !== spec.shape.join())
      throw this.unlike(
        `${spec.name} has the shape [${spec.shape.join(', ')}], in the file [${shape.join(', ')}]`,
      );
    const values = tf.tidy(() => {
      const filter = tf.tensor4d(floatsOf(stored), [out, inOfGroup, height, width]);
      const ordered = tf.transpose(filter, isDepthwise ? [2, 3, 0, 1] : [2, 3, 1, 0]);
      // Of the first filters alone: the images' channels.
      const isFirst = this.weights.size === 0;
      return (isFirst && this.isReversed ? tf.reverse(ordered, 2) : ordered).dataSync<'float32'>().slice();
    });
    this.set(spec, values);
  }

  private addNorm({ name }: ParameterSpec, bias: Float32Array | undefined): void {
    const norm = `${name.slice(0, -FILTER.length)}.norm`;
    const offset = this.backbone.parameters.find((spec) => spec.name === `${norm}.offset`);
    if (offset === undefined) throw this.unlike(`${name} has no norm to take the place of a bias`);
    const count = tf.util.sizeFromShape([...offset.shape]);
    const { shape } = offset;
    const filled = (value: number): WeightArray => ({ shape, values: new Float32Array(count).fill(value) });
    this.set(offset, bias ?? new Float32Array(count));
    this.weights.set(`${norm}.scale`, filled(1));
    this.weights.set(`${norm}.mean`, filled(0));
    // With what a norm adds to it, 1.
    this.weights.set(`${norm}.variance`, filled(1 - NORM_EPSILON));
  }

  private set({ name, shape }: ParameterSpec, values: Float32Array): void {
    if (values.length !== tf.util.sizeFromShape([...shape]))
      throw this.unlike(`${name} has the shape [${shape.join(', ')}], in the file ${values.length} numbers`);
    this.weights.set(name, { shape, values });
  }

  private unlike(reason: string): Failure {
    return new Failure('MODEL_INVALID', `the file's network is not ${this.backbone.name}: ${reason}`);
  }
}
