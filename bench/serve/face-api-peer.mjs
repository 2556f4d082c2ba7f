/** The peer: @vladmandic/face-api on tfjs-wasm, as its own Node example runs it, on the same photograph. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import sharp from 'sharp';

const require = createRequire(import.meta.url);

process.once('message', (task) => {
  void run(task).then((result) => {
    process.send(result);
    process.disconnect();
  });
});

async function run({ photograph, durationMs }) {
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  // The folder as a path, without the platform's fetch: Node's does not read files.
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  await tf.ready();
  const faceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  await faceApi.nets.ssdMobilenetv1.loadFromDisk(models);
  await faceApi.nets.faceLandmark68Net.loadFromDisk(models);
  await faceApi.nets.faceRecognitionNet.loadFromDisk(models);
  const encoded = Buffer.from(photograph);
  const once = async () => {
    const { data, info } = await sharp(encoded).removeAlpha().raw().toBuffer({ resolveWithObject: true });
    const image = tf.tensor3d(data, [info.height, info.width, 3], 'int32');
    const face = await faceApi.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor();
    image.dispose();
    if (face === undefined) throw new Error('the peer found no face');
  };
  for (let warmUp = 0; warmUp < 3; warmUp++) await once();
  const startedAtMs = performance.now();
  let images = 0;
  while (performance.now() - startedAtMs < durationMs) {
    await once();
    images++;
  }
  return { images, seconds: (performance.now() - startedAtMs) / 1000, version: readVersion() };
}

function readVersion() {
  return JSON.parse(readFileSync(require.resolve('@vladmandic/face-api/package.json'), 'utf8')).version;
}
