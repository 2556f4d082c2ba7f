// A tfjs function as an ONNX file that any runtime can run: npx tsc && node compile.js
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { compileToOnnx } from 'symface/compiler';

await tf.setBackend('cpu');
const filter = tf.randomNormal<tf.Rank.R4>([3, 3, 3, 8], 0, 0.3, 'float32', 1);
const features = (images: tf.Tensor) => {
  const convolved = tf.conv2d(images as tf.Tensor4D, filter, 2, 'same'); // [B, 16, 16, 8]
  return tf.mean(tf.relu(convolved), [1, 2]); // [B, 8]
};

const model = compileToOnnx({
  name: 'features',
  // null: any number of images.
  inputs: [{ name: 'images', shape: [null, 32, 32, 3], dtype: 'float32' }],
  outputs: ['features'],
  run: (images) => [features(images)],
});
writeFileSync('features.onnx', model);

const images = tf.randomUniform([5, 32, 32, 3], -1, 1, 'float32', 2);
const session = await InferenceSession.create('features.onnx');
const outputs = await session.run({
  images: new Tensor('float32', await images.data<'float32'>(), images.shape),
});
const expected = await features(images).data();
const actual = outputs['features']?.data as Float32Array;
const difference = Math.max(...actual.map((value, index) => Math.abs(value - (expected[index] ?? NaN))));
console.log(`${model.length} bytes of ONNX; largest difference from tfjs ${difference.toExponential(1)}`);
