import * as tf from '@tensorflow/tfjs';

import { compileToOnnx } from '../../compiler/index.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import type { ImageFunction } from './tfjs-functions.js';

/** Largest difference between ONNX Runtime and tfjs, relative to the output's largest value where that is above 1. */
const TOLERANCE = 1e-4;

/**
 * Compiles a tfjs function to ONNX and proves that ONNX Runtime computes what tfjs does.
 * @returns the ONNX file
 * @throws Error where the outputs differ by more than {@link TOLERANCE} on a fixed image
 */
export async function compileChecked(traced: ImageFunction): Promise<Uint8Array> {
  await tf.setBackend('cpu');
  const onnx = compileToOnnx(traced);
  const image = fixedImage(traced.inputPixels);
  const expected = tf.tidy(() => traced.run(image).map((output) => output.dataSync<'float32'>()));
  const channelsFirst = tf.tidy(() => tf.transpose(image, [0, 3, 1, 2]).dataSync<'float32'>());
  image.dispose();

  const session = await OnnxSession.load(onnx, { intraOpThreads: 1 });
  try {
    const side = traced.inputPixels;
    const outputs = await session.run({ data: channelsFirst, dimensions: [1, 3, side, side] });
    expected.forEach((values, index) => {
      requireEqual(traced.name, values, outputs[index]?.data);
    });
  } finally {
    await session.release();
  }
  return onnx;
}

/** Waves in [-1, 1] that differ in every direction and channel, so that a mixed-up axis shows. */
function fixedImage(side: number): tf.Tensor4D {
  const values = Float32Array.from({ length: side * side * 3 }, (_, index) => {
    const channel = index % 3;
    const x = Math.floor(index / 3) % side;
    const y = Math.floor(index / 3 / side);
    return Math.sin(0.05 * x * (channel + 1)) * Math.cos(0.11 * y + channel);
  });
  return tf.tensor4d(values, [1, side, side, 3]);
}

function requireEqual(name: string, expected: Float32Array, actual: Float32Array | undefined): void {
  if (actual?.length !== expected.length) {
    throw new Error(`${name}: the compiled graph's outputs have other sizes than the tfjs function's`);
  }
  let largestValue = 1;
  let largestDifference = 0;
  expected.forEach((value, index) => {
    largestValue = Math.max(largestValue, Math.abs(value));
    const difference = Math.abs(value - (actual[index] ?? NaN));
    // A NaN compares false and must not pass.
    if (!(difference <= largestDifference)) largestDifference = difference;
  });
  if (!(largestDifference <= TOLERANCE * largestValue)) {
    throw new Error(
      `${name}: ONNX Runtime and tfjs differ by ${largestDifference} (values up to ${largestValue})`,
    );
  }
}
