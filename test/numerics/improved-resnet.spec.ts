import { readFileSync } from 'node:fs';

import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Backbone, createBackbone } from '../../src/learning/backbones/backbone.js';
import { backboneArchitecture } from '../../src/learning/backbones/catalogue.js';
import type { Variables } from '../../src/learning/layers/forward-pass.js';
import { useFastCpuGradients } from '../support/fast-cpu-gradients.js';

interface Golden {
  readonly trainableParameters: Readonly<Record<string, number>>;
  readonly frozen: readonly number[];
  readonly live: readonly number[];
  readonly statistics: Readonly<Record<string, readonly number[]>>;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
}

/** Written by improved_resnet.py, which builds the networks of PyTorch's layers. */
function goldenNumbers(file: string): Golden {
  return JSON.parse(readFileSync(new URL(`golden/${file}.json`, import.meta.url), 'utf8')) as Golden;
}

const HEIGHT = 48;
const WIDTH = 32;

/** Values in [-0.5, 0.5) for array `number`: the formula of improved_resnet.py, in integers modulo 2^32. */
function formula(count: number, number: number): Float64Array {
  return Float64Array.from({ length: count }, (_, index) => {
    let mixed = (Math.imul(index, 2654435761) + number * 40503 + 12345) >>> 0;
    mixed = Math.imul(mixed ^ (mixed >>> 15), 2246822519) >>> 0;
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 2 ** 32 - 0.5;
  });
}

/** The order in which improved_resnet.py numbers the arrays: a norm's parameters, then its statistics. */
function arrayNames({ parameters, statistics }: Backbone): string[] {
  const inOrder = parameters.flatMap(({ name }) =>
    name.endsWith('.offset')
      ? [name, ...statistics.map((spec) => spec.name).filter((other) => sharesLayer(name, other))]
      : [name],
  );
  // A norm without parameters is the embedding's, which comes last.
  return [...inOrder, ...statistics.map(({ name }) => name).filter((name) => !inOrder.includes(name))];
}

function sharesLayer(offsetName: string, statisticName: string): boolean {
  return statisticName.slice(0, statisticName.lastIndexOf('.')) === offsetName.slice(0, -'.offset'.length);
}

function goldenVariables(backbone: Backbone): Variables {
  const shapes = new Map(
    [...backbone.parameters, ...backbone.statistics].map(({ name, shape }) => [name, shape]),
  );
  return Object.fromEntries(
    arrayNames(backbone).map((name, number) => {
      const shape = shapes.get(name)!;
      const values = formula(tf.util.sizeFromShape([...shape]), number).map((value) =>
        scaled(name, shape, value),
      );
      return [name, tf.tensor(Float32Array.from(values), [...shape])];
    }),
  );
}

function scaled(name: string, shape: readonly number[], value: number): number {
  if (name.endsWith('.filter')) return value * 2 * Math.sqrt(2 / (shape[0]! * shape[1]! * shape[2]!));
  if (name.endsWith('.weights')) return (value * 2) / Math.sqrt(shape[0]!);
  return name.endsWith('.scale') || name.endsWith('.variance') ? value + 1 : value;
}

/** Largest difference, relative to the largest expected value. */
function relativeDifference(actual: tf.Tensor, expected: readonly number[]): number {
  const values = actual.dataSync();
  expect(values).toHaveLength(expected.length);
  const largest = Math.max(...expected.map(Math.abs));
  return Math.max(...expected.map((value, index) => Math.abs(value - values[index]!))) / largest;
}

describe.each([
  ['ir-18', goldenNumbers('improved-resnet'), 1000],
  ['adaface-ir-18', goldenNumbers('adaface-resnet'), 1001],
])("%s against PyTorch's layers", (design, golden, imageNumber) => {
  const backbone = createBackbone(backboneArchitecture(design), {
    inputSize: { height: HEIGHT, width: WIDTH },
    embeddingSize: 32,
  });
  let variables: Variables;
  let images: tf.Tensor4D;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    variables = goldenVariables(backbone);
    const pixels = formula(3 * HEIGHT * WIDTH * 3, imageNumber).map((value) => 2 * value);
    images = tf.tensor4d(Float32Array.from(pixels), [3, HEIGHT, WIDTH, 3]);
    return useFastCpuGradients();
  });

  afterAll(() => {
    tf.dispose([variables, images]);
  });

  it('has as many parameters', () => {
    const counts = Object.keys(golden.trainableParameters).map((name) => [
      name,
      createBackbone(backboneArchitecture(name)).parameterCount,
    ]);
    expect(Object.fromEntries(counts)).toEqual(golden.trainableParameters);
  });

  it('embeds alike with frozen normalisation', () => {
    const { embeddings } = backbone.forward(images, variables, { normalisation: 'frozen' });
    expect(relativeDifference(embeddings, golden.frozen)).toBeLessThan(1e-5);
  });

  it('embeds, updates statistics and has gradients alike with live normalisation', () => {
    const names = Object.keys(golden.gradients);
    const learnt = names.map((name) => variables[name]!);
    const lossOf = (...tensors: tf.Tensor[]): tf.Scalar => {
      const given = Object.fromEntries(names.map((name, index) => [name, tensors[index]!]));
      const { embeddings, statistics } = backbone.forward(
        images,
        { ...variables, ...given },
        { normalisation: 'live' },
      );
      expect(relativeDifference(embeddings, golden.live)).toBeLessThan(1e-4);
      for (const [name, expected] of Object.entries(golden.statistics)) {
        expect(relativeDifference(statistics[name]!, expected), name).toBeLessThan(1e-5);
      }
      const targets = Float32Array.from(golden.live, (_, index) => Math.sin(0.7 * index));
      return tf.mean<tf.Scalar>(tf.squaredDifference(embeddings, tf.tensor2d(targets, [3, 32])));
    };
    const { grads } = tf.valueAndGrads(lossOf)(learnt);
    names.forEach((name, index) => {
      expect(relativeDifference(grads[index]!, golden.gradients[name]!), name).toBeLessThan(1e-3);
    });
  });
});
