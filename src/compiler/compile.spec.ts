import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { evaluate, expectClose } from '../../test/compiler/eager-comparison.js';
import { countNodes } from '../../test/compiler/onnx-inspection.js';
import {
  BatchDependenceError,
  CompileError,
  compileToOnnx,
  TracedValueReadError,
  UnsupportedKernelError,
  type FunctionInput,
  type TensorLayout,
} from './index.js';

const IMAGES: FunctionInput = { name: 'images', shape: [null, 16, 16, 3], dtype: 'float32' };

const BATCH_SIZES = [1, 2, 5];

/** A small network of the kind to be served, with its own weights. */
function smallNetwork() {
  const seeded = <R extends tf.Rank>(shape: tf.ShapeMap[R], seed: number): tf.Tensor<R> =>
    tf.randomNormal<R>(shape, 0, 0.5, 'float32', seed);
  const stem = seeded<tf.Rank.R4>([3, 3, 3, 8], 1);
  const depthwise = seeded<tf.Rank.R4>([3, 3, 8, 1], 2);
  const pointwise = seeded<tf.Rank.R4>([1, 1, 8, 8], 3);
  const slopes = tf.reshape<tf.Rank.R4>(seeded<tf.Rank.R1>([8], 4), [1, 1, 1, 8]);
  const [mean, offset, scale] = [5, 6, 7].map((seed) => seeded<tf.Rank.R1>([8], seed));
  const variance = tf.add<tf.Tensor1D>(tf.abs(seeded<tf.Rank.R1>([8], 8)), 0.5);
  const dense = seeded<tf.Rank.R2>([8 * 8 * 8, 4], 9);
  const normalise = (x: tf.Tensor): tf.Tensor4D =>
    tf.batchNorm<tf.Rank.R4>(x as tf.Tensor4D, mean!, variance, offset, scale, 1e-3);
  const run = (images: tf.Tensor): tf.Tensor => {
    const scaled = tf.div(tf.sub(images, 127.5), 128);
    const start = tf.prelu(normalise(tf.conv2d(scaled as tf.Tensor4D, stem, 2, 'same')), slopes);
    const branch = tf.relu6(normalise(tf.depthwiseConv2d(start, depthwise, 1, 'same')));
    const residual = tf.add(start, normalise(tf.conv2d(branch, pointwise, 1, 'valid')));
    const gate = tf.sigmoid(tf.mean(residual, [1, 2], true));
    const flat = tf.reshape(tf.mul(residual, gate), [-1, 8 * 8 * 8]);
    const embedding = tf.matMul(flat, dense);
    return tf.div(embedding, tf.norm(embedding, 2, 1, true));
  };
  return run;
}

function imagesOf(batchSize: number): tf.Tensor4D {
  return tf.randomUniform([batchSize, 16, 16, 3], 0, 255, 'float32', batchSize);
}

function compile(run: (x: tf.Tensor) => tf.Tensor, input: FunctionInput = IMAGES): Uint8Array {
  return compileToOnnx({ name: 'network', inputs: [input], outputs: ['y'], run: (x) => [run(x)] });
}

describe('compileToOnnx on whole networks', () => {
  it.each<TensorLayout>(['NHWC', 'NCHW'])(
    'computes what tfjs does for any batch of %s images',
    async (layout) => {
      const run = smallNetwork();
      const model = compile(run, { ...IMAGES, layout });
      for (const batchSize of BATCH_SIZES) {
        const images = imagesOf(batchSize);
        const physical = layout === 'NHWC' ? images : tf.transpose(images, [0, 3, 1, 2]);
        const { y } = await evaluate(model, { images: physical });
        expectClose(y!, run(images));
      }
    },
  );

  it('moves no data but to flatten, and to take in NHWC images', () => {
    const run = smallNetwork();
    expect(countNodes(compile(run, { ...IMAGES, layout: 'NCHW' }), 'Transpose')).toBe(1);
    expect(countNodes(compile(run), 'Transpose')).toBe(2);
  });

  it('moves no data at all when the network ends in a global average', () => {
    const filter = tf.ones<tf.Rank.R4>([3, 3, 3, 8]);
    const model = compile(
      (x) =>
        tf.squeeze(tf.mean(tf.relu(tf.conv2d(x as tf.Tensor4D, filter, 1, 'same')), [1, 2], true), [1, 2]),
      { ...IMAGES, layout: 'NCHW' },
    );
    expect(countNodes(model, 'Transpose')).toBe(0);
    expect(countNodes(model, 'Conv')).toBe(1);
  });

  it('concatenates feature maps along different axes and returns them in the layout asked for', async () => {
    const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 3, 3], 0, 1, 'float32', 1);
    const run = (x: tf.Tensor): tf.Tensor => {
      const map = tf.conv2d(x as tf.Tensor4D, filter, 1, 'same');
      return tf.concat([tf.concat([map, x], 3), tf.concat([x, map], 3)], 1);
    };
    const model = compileToOnnx({
      name: 'concatenation',
      inputs: [IMAGES],
      outputs: ['nhwc', { name: 'nchw', layout: 'NCHW' }],
      run: (x) => [run(x), run(x)],
    });
    expect(countNodes(model, 'Conv')).toBe(1);
    const images = tf.div<tf.Tensor4D>(imagesOf(2), 255);
    const { nhwc, nchw } = await evaluate(model, { images });
    expectClose(nhwc!, run(images));
    expectClose(nchw!, tf.transpose(run(images), [0, 3, 1, 2]));
  });

  it('compiles a tfjs-layers model', async () => {
    const network = tf.sequential({
      layers: [
        tf.layers.separableConv2d({ inputShape: [16, 16, 3], filters: 6, kernelSize: 3, activation: 'relu' }),
        tf.layers.batchNormalization(),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.flatten(),
        tf.layers.dense({ units: 5, activation: 'softmax' }),
      ],
    });
    const run = (x: tf.Tensor): tf.Tensor => network.apply(x) as tf.Tensor;
    const model = compile(run);
    for (const batchSize of BATCH_SIZES) {
      const images = tf.div<tf.Tensor4D>(imagesOf(batchSize), 255);
      expectClose((await evaluate(model, { images }))['y']!, run(images));
    }
  });
});

describe('compileToOnnx with an open batch size', () => {
  const ROWS: FunctionInput = { name: 'rows', shape: [null, 6], dtype: 'float32' };

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['merges the batch into another axis', (x) => tf.reshape(x, [x.shape[0] * 2, 3])],
    ['fills a tensor of its size', (x) => tf.add(x, tf.fill([x.shape[0], 6], 3))],
    ['broadcasts to its size', (x) => tf.add(tf.broadcastTo(tf.range(0, 6), [x.shape[0], 6]), x)],
    ['divides by it', (x) => tf.div(tf.sum(x, 0), x.shape[0])],
    ['takes all rows', (x) => tf.slice(x, [0, 2], [x.shape[0], 3])],
    [
      'pads it',
      (x) =>
        tf.pad(x, [
          [1, 2],
          [0, 1],
        ]),
    ],
    ['has it as the last axis', (x) => tf.transpose(x, [1, 0])],
    ['leaves out the last row', (x) => tf.concat([tf.slice(x, [0, 0], [x.shape[0] - 1, 6]), x])],
    ['tiles by it', (x) => tf.tile(tf.sum(x, 0, true), [x.shape[0], 1])],
  ])('compiles a function that %s', async (_, run) => {
    const model = compile(run, ROWS);
    for (const batchSize of BATCH_SIZES) {
      const rows = tf.randomNormal([batchSize, 6], 0, 1, 'float32', 3);
      expectClose((await evaluate(model, { rows }))['y']!, run(rows));
    }
  });

  it('shares it between inputs', async () => {
    const run = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.reshape(tf.concat([a, b], 1), [-1, 4, 2]);
    const model = compileToOnnx({
      name: 'pair',
      inputs: [
        { name: 'a', shape: [null, 3], dtype: 'float32' },
        { name: 'b', shape: [null, 5], dtype: 'float32' },
      ],
      outputs: ['y'],
      run: (a, b) => [run(a, b)],
    });
    const inputs = { a: tf.randomNormal([3, 3]), b: tf.randomNormal([3, 5]) };
    expectClose((await evaluate(model, inputs))['y']!, run(inputs.a, inputs.b));
  });

  it.each<[string, (x: tf.Tensor) => tf.Tensor]>([
    ['one operation per row', (x) => tf.addN(tf.unstack(x))],
    ['a table of its size', (x) => tf.add(x, tf.reshape(tf.range(0, x.shape[0]), [-1, 1]))],
    ['its square', (x) => tf.mul(tf.sum(x), x.shape[0] ** 2)],
    ['an attribute of its value', (x) => tf.leakyRelu(x, 1 / x.shape[0])],
  ])('rejects a function that needs %s', (_, run) => {
    expect(() => compile(run, ROWS)).toThrow(BatchDependenceError);
  });

  it('rejects an open extent anywhere else', () => {
    expect(() => compile((x) => x, { ...ROWS, shape: [2, null] })).toThrow(CompileError);
  });
});

describe('compileToOnnx', () => {
  const VECTOR: FunctionInput = { name: 'x', shape: [4], dtype: 'float32' };

  it('evaluates what does not depend on the inputs', async () => {
    const weights = tf.tensor1d([1, 2, 3, 4]);
    // Einsum has no rule, but may run at compile time.
    const model = compile((x) => tf.mul(x, tf.einsum('i,i->', weights, tf.cos(weights))), VECTOR);
    expect(countNodes(model)).toBe(1);
    const { y } = await evaluate(model, { x: tf.ones([4]) });
    expectClose(y!, tf.fill([4], tf.einsum('i,i->', weights, tf.cos(weights)).dataSync()[0]!));
  });

  it('computes equal subexpressions once and nothing that is not used', () => {
    const model = compile((x) => {
      tf.exp(x);
      return tf.mul(tf.sin(x), tf.sin(x));
    }, VECTOR);
    expect(countNodes(model)).toBe(2);
  });

  it('returns inputs, constants and repeated results as outputs', async () => {
    const model = compileToOnnx({
      name: 'copies',
      inputs: [VECTOR],
      outputs: ['same', 'fixed', 'first', 'second'],
      run: (x) => [x, tf.tensor1d([1, 2]), tf.exp(x), tf.exp(x)],
    });
    const x = tf.tensor1d([1, 2, 3, 4]);
    const outputs = await evaluate(model, { x });
    expectClose(outputs['same']!, x);
    expectClose(outputs['fixed']!, tf.tensor1d([1, 2]));
    expectClose(outputs['first']!, tf.exp(x));
    expectClose(outputs['second']!, tf.exp(x));
  });

  it('names the kernel that it has no rule for', () => {
    const run = (x: tf.Tensor): tf.Tensor => tf.einsum('i,i->', x, x);
    expect(() => compile(run, VECTOR)).toThrow(UnsupportedKernelError);
    expect(() => compile(run, VECTOR)).toThrow('the tfjs kernel Einsum has no compilation rule');
  });

  it('rejects a function that reads what it computes', () => {
    expect(() => compile((x) => tf.scalar(x.dataSync()[0]!), VECTOR)).toThrow(TracedValueReadError);
  });

  it('rejects names, layouts and numbers of outputs that do not fit', () => {
    const run = (x: tf.Tensor): tf.Tensor => x;
    expect(() => compile(run, { ...VECTOR, name: 'y' })).toThrow("the name 'y' is empty or used twice");
    expect(() => compile(run, { ...VECTOR, layout: 'NCHW' })).toThrow('the layout NCHW needs rank 4');
    expect(() => compileToOnnx({ name: 'n', inputs: [VECTOR], outputs: [], run: (x) => [x] })).toThrow(
      '0 outputs are named but 1 are returned',
    );
  });
});

describe("tfjs' global state", () => {
  let tensorCount = 0;

  beforeEach(() => {
    tensorCount = tf.memory().numTensors;
  });

  afterEach(() => {
    expect(tf.getBackend()).toBe('cpu');
    expect(tf.findBackendFactory('onnx-tracing')).toBeNull();
    expect(tf.getKernelsForBackend('onnx-tracing')).toEqual([]);
    expect(tf.memory().numTensors).toBe(tensorCount);
  });

  const input: FunctionInput = { name: 'x', shape: [null, 3], dtype: 'float32' };

  it('is as before after compiling, and weights are still usable', () => {
    const weights = tf.tensor1d([1, 2, 3]);
    compile((x) => tf.mul(x, tf.square(tf.add(weights, 1))), input);
    expect([...weights.dataSync()]).toEqual([1, 2, 3]);
    weights.dispose();
  });

  it('is as before after an error in the function', () => {
    const fail = (): never => {
      throw new RangeError('from within');
    };
    expect(() => compile((x) => (tf.add(x, 1), fail()), input)).toThrow('from within');
  });

  it('is as before after an unsupported kernel', () => {
    expect(() => compile((x) => tf.einsum('ij->ji', x), input)).toThrow(UnsupportedKernelError);
  });

  it('is as before after an attempt to compile while tracing', () => {
    expect(() => compile((x) => (compile((y) => y, input), x), input)).toThrow(CompileError);
  });
});
