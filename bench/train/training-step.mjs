/**
 * One training step as a function of tensors, compiled to ONNX: forward pass, ArcFace, gradients and SGD with momentum.
 * All that changes goes in and comes out.
 */
import * as tf from '@tensorflow/tfjs';
import { cpuRuntimeTarget } from '../../dist/adapters/training/runtime-target.js';
import { compileToOnnx } from '../../dist/compiler/index.js';
import { createBackbone } from '../../dist/learning/backbones/backbone.js';
import { backboneDesign } from '../../dist/learning/backbones/catalogue.js';
import { arcFace } from '../../dist/learning/losses/arc-face.js';
import { initialWeights } from '../../dist/learning/weights/initial-weights.js';

export const classCount = 1000;
const momentum = 0.9;
const weightDecay = 4e-5;
const headName = 'head.weight';

/** @returns the ONNX model, and the arrays that a step takes and gives back: `name` is input, `next name` output */
export async function compileTrainingStep({ backboneName, batch, normalisation, size = 112 }) {
  await tf.setBackend('cpu');
  const inputSize = { height: size, width: size };
  const backbone = createBackbone(backboneDesign(backboneName), { inputSize });
  const weights = initialWeights(backbone, 1);
  const headShape = [backbone.embeddingSize, classCount];
  const state = [
    ...backbone.parameters.map(({ name, shape }) => ({ name, shape, values: weights.get(name).values })),
    { name: headName, shape: headShape, values: waves(headShape[0] * headShape[1]) },
  ];
  const velocities = state.map(({ name, shape, values }) => ({
    name: `velocity of ${name}`,
    shape,
    values: new Float32Array(values.length),
  }));
  const parameterNames = state.map(({ name }) => name);
  const statistics = backbone.statistics.map(({ name, shape }) => ({
    name,
    shape,
    values: weights.get(name).values,
    isFixed: normalisation === 'frozen',
  }));
  const arrays = [...state, ...velocities, ...statistics];
  const changing = arrays.filter(({ isFixed = false }) => !isFixed);
  const step = stepFunction(backbone, batch, normalisation, parameterNames);
  const target = await cpuRuntimeTarget();
  const traced = {
    name: `${backboneName}-step`,
    inputs: [
      { name: 'images', shape: [batch, size, size, 3], dtype: 'float32', layout: 'NCHW' },
      { name: 'labels', shape: [batch], dtype: 'int32' },
      { name: 'learningRate', shape: [], dtype: 'float32' },
      ...arrays.map(({ name, shape }) => ({ name, shape: [...shape], dtype: 'float32' })),
    ],
    outputs: ['loss', ...changing.map(({ name }) => `next ${name}`)],
    run: (images, labels, learningRate, ...tensors) => {
      const given = Object.fromEntries(arrays.map(({ name }, index) => [name, tensors[index]]));
      const { loss, next } = step(images, labels, learningRate, given);
      return [loss, ...changing.map(({ name }) => next[name])];
    },
  };
  const model = compileToOnnx(traced, target);
  return { model, arrays, changing, pixelsPerImage: size * size * 3 };
}

function stepFunction(backbone, batch, normalisation, parameterNames) {
  const face = arcFace({ scale: 32, marginRadians: 0.45 });
  return (images, labels, learningRate, given) => {
    let updated = {};
    const lossOf = (...parameters) => {
      const learnt = Object.fromEntries(parameterNames.map((name, index) => [name, parameters[index]]));
      const { embeddings, statistics } = backbone.forward(images, { ...given, ...learnt }, { normalisation });
      updated = statistics;
      Object.values(updated).forEach((tensor) => tf.keep(tensor));
      const sampleMask = tf.ones([batch]);
      return face.compute({ embeddings, weight: learnt[headName], labels, sampleMask }, {}).loss;
    };
    const parameters = parameterNames.map((name) => given[name]);
    const { value, grads } = tf.valueAndGrads(lossOf)(parameters);
    const next = { ...updated };
    parameterNames.forEach((name, index) => {
      const decayed = tf.add(grads[index], tf.mul(given[name], weightDecay));
      const velocity = tf.add(tf.mul(given[`velocity of ${name}`], momentum), decayed);
      next[`velocity of ${name}`] = velocity;
      next[name] = tf.sub(given[name], tf.mul(velocity, learningRate));
    });
    return { loss: value, next };
  };
}

/** Numbers without a pattern that a network could learn. */
export function waves(count) {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(index * index * 0.37 + index * 1.7));
}
