/** The peer: @vladmandic/face-api on tfjs-wasm, as its own Node example runs it, on the same photograph. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { decodedTensor, tensorflowOnWasm } from './tensorflow-wasm.mjs';
import { answerOnce, timedLoop } from './timed-loop.mjs';

const require = createRequire(import.meta.url);

answerOnce(async ({ photograph, durationMs }) => {
  const tf = await tensorflowOnWasm();
  const faceApi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  await faceApi.nets.ssdMobilenetv1.loadFromDisk(models);
  await faceApi.nets.faceLandmark68Net.loadFromDisk(models);
  await faceApi.nets.faceRecognitionNet.loadFromDisk(models);
  const encoded = Buffer.from(photograph);
  const once = async () => {
    const image = await decodedTensor(tf, encoded);
    const face = await faceApi.detectSingleFace(image).withFaceLandmarks().withFaceDescriptor();
    image.dispose();
    if (face === undefined) throw new Error('the peer found no face');
    return 1;
  };
  return { ...(await timedLoop(once, { durationMs, warmUps: 3 })), version: readVersion() };
});

function readVersion() {
  return JSON.parse(readFileSync(require.resolve('@vladmandic/face-api/package.json'), 'utf8')).version;
}
