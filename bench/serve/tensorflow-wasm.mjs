import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import sharp from 'sharp';

const require = createRequire(import.meta.url);

/** tfjs on its WebAssembly backend, in one thread. */
export async function tensorflowOnWasm() {
  const tf = require('@tensorflow/tfjs');
  const wasm = require('@tensorflow/tfjs-backend-wasm');
  wasm.setThreadsCount(1);
  // The folder as a path, without the platform's fetch: Node's does not read files.
  wasm.setWasmPaths(wasmFolder());
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}

export function wasmFolder() {
  return `${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`;
}

/** The photograph as the packages' own Node examples decode it: [height, width, 3] of integers. */
export async function decodedTensor(tf, encoded) {
  const { data, info } = await sharp(encoded).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return tf.tensor3d(data, [info.height, info.width, 3], 'int32');
}
