import { expect, it } from 'vitest';

import { detectorPresets } from '../../core/models/presets.js';
import type { FloatTensor } from '../runtime/onnx-session.js';
import { OnnxFaceNetwork } from './onnx-face-network.js';
import { decodeRetinaFace } from './retinaface.js';

const manifest = {
  ...detectorPresets.retinaface,
  displayName: 'test',
  license: 'none',
  source: 'none',
  graphs: { detector: { fileName: 'a.onnx', sha256: '0'.repeat(64) } },
};
/** On 32x32 pixels: 16, 4 and 1 places of two anchors. */
const anchors = 42;

/** Sees a face on the first anchor of the image whose first pixel is the brightest of all channels. */
function sessionOf(runs: (readonly number[])[]) {
  return {
    soleInput: { name: 'x', elementType: 'float32', dimensions: [undefined, 3, 32, 32] },
    run({ data, dimensions }: FloatTensor): Promise<readonly FloatTensor[]> {
      runs.push(dimensions);
      const [count = 0] = dimensions;
      const output = (length: number): FloatTensor => ({
        data: new Float32Array(count * anchors * length),
        dimensions: [count, anchors, length],
      });
      const outputs = [output(4), output(2), output(10)];
      for (let image = 0; image < count; image++) {
        outputs[1]!.data[image * anchors * 2 + 1] = data[image * 3 * 32 * 32]! > 0 ? 0.9 : 0.1;
      }
      return Promise.resolve(outputs);
    },
  };
}

const grey = (level: number) => ({
  image: { width: 32, height: 32, pixels: new Uint8Array(32 * 32 * 3).fill(level) },
  mirrored: false,
});

it.each([
  [true, [[3, 3, 32, 32]]],
  [
    false,
    [
      [1, 3, 32, 32],
      [1, 3, 32, 32],
      [1, 3, 32, 32],
    ],
  ],
])("gives each image its own faces, at the graph's size (in one run: %s)", async (batches, expectedRuns) => {
  const runs: (readonly number[])[] = [];
  const network = new OnnxFaceNetwork(sessionOf(runs), { manifest, decode: decodeRetinaFace, batches });
  expect(network.input).toEqual({ width: 32, height: 32 });
  const faces = await network.find([grey(0), grey(255), grey(0)], 0.5);
  expect(faces.map(({ length }) => length)).toEqual([0, 1, 0]);
  expect(runs).toEqual(expectedRuns);
});
