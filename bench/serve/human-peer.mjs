/**
 * The peer: @vladmandic/human on tfjs-wasm, with what of it makes a face's embedding: detection, mesh, description. Nothing is
 * taken over from one photograph to the next.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { decodedTensor, tensorflowOnWasm, wasmFolder } from './tensorflow-wasm.mjs';
import { answerOnce, timedLoop } from './timed-loop.mjs';

const require = createRequire(import.meta.url);
const packageFolder = join(dirname(require.resolve('@vladmandic/human')), '..');
/** The package reads its weights by fetch, and Node's does not read files. */
const modelAddress = 'http://models.invalid/';

answerOnce(async ({ photograph, durationMs }) => {
  const tf = await tensorflowOnWasm();
  globalThis.fetch = async (url) =>
    new Response(await readFile(join(packageFolder, 'models', String(url).slice(modelAddress.length))));
  const { Human } = require(join(packageFolder, 'dist/human.node-wasm.js'));
  const off = { enabled: false };
  const human = new Human({
    backend: 'wasm',
    wasmPath: wasmFolder(),
    modelBasePath: modelAddress,
    cacheModels: false,
    cacheSensitivity: 0,
    filter: off,
    face: {
      enabled: true,
      detector: { maxDetected: 1, skipFrames: 0, skipTime: 0 },
      mesh: { enabled: true },
      description: { enabled: true, skipFrames: 0, skipTime: 0 },
      iris: off,
      emotion: off,
    },
    body: off,
    hand: off,
    object: off,
    gesture: off,
    segmentation: off,
  });
  await human.load();
  const encoded = Buffer.from(photograph);
  const once = async () => {
    const image = await decodedTensor(tf, encoded);
    const { face, error } = await human.detect(image);
    tf.dispose(image);
    if (error) throw new Error(error);
    if (face[0]?.embedding === undefined) throw new Error('the peer found no face');
    return 1;
  };
  return { ...(await timedLoop(once, { durationMs, warmUps: 3 })), version: human.version };
});
