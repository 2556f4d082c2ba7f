import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { expect } from 'vitest';

import type { Attributes } from '../../src/onnx/graph.js';
import { readOnnx } from '../../src/onnx/read-onnx.js';
import { tensorOf as onnxTensorOf } from '../../src/onnx/tensor.js';
import { evaluateNodes } from '../../src/learning/imported-backbone/evaluate-graph.js';
import { GraphValue } from '../../src/learning/imported-backbone/graph-value.js';
import { ForwardPass } from '../../src/learning/layers/forward-pass.js';
import { evaluate } from '../compiler/eager-comparison.js';
import { floatsNamed, nodeOf, onnxFile } from './onnx-files.js';

/** An input of a node; `float` ones that are not constant are given when the graph is run. */
export interface Argument {
  readonly shape: readonly number[];
  readonly values: readonly number[];
  readonly isConstant?: boolean;
  readonly isInt64?: boolean;
}

export interface OperatorCase {
  readonly operator: string;
  /** Undefined: left out. */
  readonly inputs: readonly (Argument | undefined)[];
  readonly attributes?: Attributes;
  /** Default: 1. */
  readonly outputCount?: number;
  readonly operatorSet?: number;
}

/** Relative to the larger of 1 and an output's largest value: sums in another order differ by less. */
const TOLERANCE = 1e-5;

/** A tensor of arbitrary numbers. */
export function tensorOf(
  shape: readonly number[],
  { range = [-2, 2], isConstant = false }: { range?: readonly [number, number]; isConstant?: boolean } = {},
): fc.Arbitrary<Argument> {
  const [low, high] = range;
  return fc.nat({ max: 1e6 }).map((seed) => {
    const values = Array.from({ length: size(shape) }, (_, index) => {
      const wave = Math.sin(seed + 12.9898 * (index + 1)) * 43758.5453;
      return low + (high - low) * (wave - Math.floor(wave));
    });
    return { shape, values, isConstant };
  });
}

/** A list of integers that the file holds. */
export function integers(...values: readonly number[]): Argument {
  return { shape: [values.length], values, isConstant: true, isInt64: true };
}

/** A number that the file holds. */
export function scalar(value: number): Argument {
  return { shape: [], values: [value], isConstant: true };
}

/** Checks that the rule of an operator computes what ONNX Runtime does, given either order of axes in memory. */
export async function expectSameAsRuntime(operatorCase: OperatorCase): Promise<void> {
  const { operator, inputs, attributes = {}, outputCount = 1, operatorSet = 17 } = operatorCase;
  const named = inputs.map((argument, index) => ({
    name: argument === undefined ? '' : `x${index}`,
    argument,
  }));
  const present = named.flatMap(({ name, argument }) =>
    argument === undefined ? [] : [{ name, ...argument }],
  );
  const outputs = Array.from({ length: outputCount }, (_, index) => `y${index}`);
  const given = present.filter(({ isConstant }) => isConstant !== true);
  const graph = {
    inputs: given.map(({ name, shape }) => floatsNamed(name, shape)),
    outputs: outputs.map((name) => floatsNamed(name)),
    constants: new Map(
      present
        .filter(({ isConstant }) => isConstant)
        .map(({ name, shape, values, isInt64 }) => [
          name,
          onnxTensorOf(values, shape, isInt64 === true ? 'int64' : 'float32'),
        ]),
    ),
    nodes: [
      nodeOf(
        operator,
        named.map(({ name }) => name),
        outputs,
        attributes,
      ),
    ],
  };
  await expectSameResults(onnxFile(graph, operatorSet), given);
}

async function expectSameResults(
  model: Uint8Array,
  given: readonly (Argument & { readonly name: string })[],
): Promise<void> {
  const tensors = Object.fromEntries(
    given.map(({ name, shape, values }) => [name, tf.tensor([...values], [...shape])]),
  );
  const expected = await evaluate(model, tensors);
  for (const isChannelsLast of [false, true]) {
    const results = tf.tidy(() =>
      Object.entries(evaluateModel(model, tensors, isChannelsLast)).map(([name, tensor]) => ({
        name,
        shape: tensor.shape,
        values: Array.from(tensor.dataSync()),
      })),
    );
    for (const { name, shape, values } of results) {
      const wanted = expected[name]!;
      expect({ name, shape }).toEqual({ name, shape: wanted.dims });
      expectClose(values, Array.from(wanted.data as Float32Array, Number));
    }
  }
  tf.dispose(tensors);
}

/** What the rules make of a model of any inputs, by the names of its outputs. */
function evaluateModel(
  model: Uint8Array,
  tensors: Readonly<Record<string, tf.Tensor>>,
  isChannelsLast = false,
): Readonly<Record<string, tf.Tensor>> {
  const { graph } = readOnnx(model);
  const values = new Map(
    Object.entries(tensors).map(([name, tensor]) => [name, graphValue(tensor, isChannelsLast)]),
  );
  evaluateNodes(graph.nodes, values, graph.constants, {
    isImport: true,
    pass: new ForwardPass({}, { normalisation: 'frozen' }),
    batchSize: undefined,
    declaredBatchSize: undefined,
    variableName: () => undefined,
    effort: { value: () => undefined, multiplyAdds: () => undefined },
  });
  return Object.fromEntries(graph.outputs.map(({ name }) => [name, values.get(name)!.inOnnxOrder()]));
}

function graphValue(tensor: tf.Tensor, isChannelsLast: boolean): GraphValue {
  if (!isChannelsLast || tensor.rank !== 4) return GraphValue.inOnnxOrder(tensor);
  return GraphValue.channelsLast(tf.transpose(tensor, [0, 2, 3, 1]));
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  const largest = expected.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 1);
  actual.forEach((value, index) => {
    const gap = Math.abs(value - expected[index]!);
    if (!(gap <= TOLERANCE * largest))
      expect.fail(`element ${index} is ${value} and should be ${expected[index]}`);
  });
}

function size(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
