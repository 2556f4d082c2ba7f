import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import type { OnnxValue } from 'onnxruntime-node';
import { expect } from 'vitest';

import { InferenceSession, Tensor } from '../../src/onnx/onnx-runtime.js';
import { cpuRuntimeTarget } from '../../src/learning/engines/runtime-target.js';
import { compileToOnnx, type TracedFunction } from '../../src/compiler/index.js';
import { uniformGenerator } from '../../src/core/random/seeded-random.js';

export type OperandType = 'float32' | 'int32' | 'bool';

/** A tensor for a traced function, stored with its axes in an arbitrary order. */
export interface Operand {
  /** Extents of the axes as the function sees them. */
  readonly shape: readonly number[];
  /** Physical axis `p` holds the function's axis `order[p]`. */
  readonly order: readonly number[];
  readonly dtype: OperandType;
  readonly seed: number;
  readonly range: readonly [number, number];
}

export interface OperandOptions {
  readonly dtype?: OperandType;
  /** Bounds of the elements. Default: -2 to 2. */
  readonly range?: readonly [number, number];
  /** Keep the axes in tfjs' order instead of an arbitrary one. */
  readonly isRowMajor?: boolean;
}

/**
 * Both sides store 32-bit floats but round differently on the way: tfjs' CPU backend computes in 64-bit,
 * ONNX Runtime in 32-bit with fused and reordered sums. With elements of magnitude 2 and at most a few
 * hundred terms a sum is off by some 1e-6; a wrong element, pad or axis is off by far more than 1e-5.
 */
const TOLERANCE = 1e-5;

/** An operand of a given shape with arbitrary elements, its axes in an arbitrary order. */
export function operandOf(shape: readonly number[], options: OperandOptions = {}): fc.Arbitrary<Operand> {
  const { dtype = 'float32', range = [-2, 2], isRowMajor = false } = options;
  const axes = shape.map((_, axis) => axis);
  const order = isRowMajor
    ? fc.constant(axes)
    : fc.shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length });
  return fc
    .record({ order, seed: fc.nat() })
    .map(({ order: chosen, seed }) => ({ shape, order: chosen, dtype, seed, range }));
}

/** How tfjs pads a convolution. */
export type Padding = Parameters<typeof tf.conv2d>[3];

/** Padding by name, or of up to so many pixels at each side. */
export function anyPadding(mostPixels: number): fc.Arbitrary<Padding> {
  const side = fc.integer({ min: 0, max: mostPixels });
  return fc.oneof(
    fc.constantFrom<Padding>('same', 'valid'),
    fc.tuple(side, side, side, side).map(([top, bottom, left, right]): Padding => [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]),
  );
}

/** An operand of arbitrary shape. */
export function anyOperand(options: OperandOptions & { minRank?: number; maxRank?: number } = {}) {
  const { minRank = 0, maxRank = 4 } = options;
  return shapeOf(minRank, maxRank).chain((shape) => operandOf(shape, options));
}

export function shapeOf(minRank: number, maxRank: number): fc.Arbitrary<number[]> {
  return fc.array(fc.integer({ min: 1, max: 5 }), { minLength: minRank, maxLength: maxRank });
}

/** Images (NHWC) of arbitrary small extents, at least `minSide` high and wide. */
export function anyImages(minSide = 1): fc.Arbitrary<[number, number, number, number]> {
  const side = fc.integer({ min: minSide, max: 9 });
  return fc.tuple(fc.integer({ min: 1, max: 3 }), side, side, fc.integer({ min: 1, max: 5 }));
}

function valuesOf({ shape, dtype, seed, range: [low, high] }: Operand): Float32Array | Int32Array {
  const random = uniformGenerator(seed);
  const values = Float32Array.from({ length: sizeOf(shape) }, () => low + (high - low) * random());
  if (dtype === 'float32') return values;
  return Int32Array.from(values, (value) => (dtype === 'bool' ? Number(value > 0) : Math.round(value)));
}

/**
 * Checks that a function compiled to ONNX, with its standard operators and with ONNX Runtime's own, computes what it
 * computes eagerly. Returns the standard model.
 */
export async function expectSameAsEager(
  operands: readonly Operand[],
  run: (...inputs: tf.Tensor[]) => tf.Tensor[] | tf.Tensor,
  tolerance = TOLERANCE,
): Promise<Uint8Array> {
  const physicalTensors = operands.map(physicalTensor);
  const logicalRun = (...inputs: tf.Tensor[]): tf.Tensor[] => {
    const logical = operands.map(({ order }, index) =>
      tf.transpose(
        inputs[index]!,
        order.map((_, axis) => order.indexOf(axis)),
      ),
    );
    const results = run(...logical);
    return Array.isArray(results) ? results : [results];
  };
  const expected = tf.tidy(() => logicalRun(...physicalTensors));
  const outputs = expected.map((_, index) => `y${index}`);
  const traced: TracedFunction = {
    name: 'test',
    inputs: operands.map(({ dtype }, index) => ({
      name: `x${index}`,
      shape: physicalTensors[index]!.shape,
      dtype,
    })),
    outputs,
    run: logicalRun,
  };
  const model = compileToOnnx(traced);
  for (const compiled of [model, compileToOnnx(traced, await cpuRuntimeTarget())]) {
    const actual = await evaluate(compiled, Object.fromEntries(physicalTensors.map((x, i) => [`x${i}`, x])));
    expected.forEach((tensor, index) => {
      expectClose(actual[outputs[index]!]!, tensor, tolerance);
    });
  }
  tf.dispose([physicalTensors, expected]);
  return model;
}

/** Runs a model in ONNX Runtime. */
export async function evaluate(
  model: Uint8Array,
  inputs: Readonly<Record<string, tf.Tensor>>,
): Promise<InferenceSession.ReturnType> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 3 });
  const feeds = Object.entries(inputs).map(([name, tensor]) => {
    const values = tensor.dataSync();
    const data = tensor.dtype === 'bool' ? Uint8Array.from(values) : values;
    return [name, new Tensor(tensor.dtype as OperandType, data as Float32Array, tensor.shape)];
  });
  const outputs = await session.run(Object.fromEntries(feeds) as InferenceSession.FeedsType);
  await session.release();
  return outputs;
}

/** Checks shape, element type and elements; integers and booleans exactly. */
export function expectClose(actual: OnnxValue, expected: tf.Tensor, tolerance = TOLERANCE): void {
  const { dims, type, data } = actual;
  expect({ dims, type }).toEqual({ dims: expected.shape, type: expected.dtype });
  const wanted = expected.dataSync();
  Array.from(data as Float32Array).forEach((value, index) => {
    const want = wanted[index]!;
    if (Object.is(value, want) || value === want) return;
    const allowed = expected.dtype === 'float32' ? tolerance * Math.max(1, Math.abs(want)) : 0;
    if (!(Math.abs(value - want) <= allowed)) {
      expect.fail(`element ${index} of [${dims.join()}] is ${value} and should be ${want}`);
    }
  });
}

function physicalTensor(operand: Operand): tf.Tensor {
  return tf.tidy(() => {
    const logical = tf.tensor(valuesOf(operand), [...operand.shape], operand.dtype);
    return tf.transpose(logical, [...operand.order]);
  });
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
