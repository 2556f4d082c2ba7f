import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { evaluate } from '../../../test/compiler/eager-comparison.js';
import { imagesOf, settledWeights } from '../../../test/support/backbone-inputs.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import { createBackbone } from '../backbones/backbone.js';
import { compileServingGraph } from '../backbones/serving-graph.js';
import { withoutProjection, withProjection } from './projected-graph.js';

const dimension = 4;
const faces = 3;

describe('a projection behind a graph', () => {
  const backbone = createBackbone(everyLayerNet, {
    embeddingSize: dimension,
    inputSize: { height: 32, width: 32 },
  });
  // A turns the order of the numbers round and doubles them.
  const projection = {
    dimension,
    matrix: Float32Array.of(0, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 2, 0, 0, 0),
  };
  let graph: Uint8Array;

  beforeAll(() => {
    graph = compileServingGraph(backbone, settledWeights(backbone));
  });

  async function embeddings(file: Uint8Array): Promise<Float32Array> {
    const images = imagesOf(backbone, faces);
    try {
      const { embedding } = await evaluate(file, { image: tf.transpose(images, [0, 3, 1, 2]) });
      return embedding!.data as Float32Array;
    } finally {
      tf.dispose(images);
    }
  }

  it('is e A of each embedding e', async () => {
    const before = await embeddings(graph);
    const after = await embeddings(withProjection(graph, projection));
    const expected = Array.from({ length: faces }, (_, face) => {
      const e = [...before.subarray(face * dimension, (face + 1) * dimension)];
      return e.map((value) => 2 * value).reverse();
    }).flat();
    expect(after).toHaveLength(expected.length);
    for (const [index, value] of expected.entries())
      expect(Math.abs(after[index]! - value)).toBeLessThan(1e-5 * Math.hypot(...expected));
  });

  it('comes off again, and can be put on again', async () => {
    const once = withProjection(graph, projection);
    const { graph: bare, projection: taken } = withoutProjection(readOnnx(once).graph);
    expect(taken).toEqual(projection);
    expect(bare.nodes).toEqual(readOnnx(graph).graph.nodes);
    expect([...bare.constants.keys()]).toEqual([...readOnnx(graph).graph.constants.keys()]);
    const again = withProjection(writeOnnx({ ...readOnnx(once), graph: bare }), projection);
    expect(await embeddings(again)).toEqual(await embeddings(once));
    expect(withoutProjection(readOnnx(graph).graph).projection).toBeUndefined();
  });

  it('fits behind embeddings of its own size only', () => {
    const wider = { dimension: 5, matrix: new Float32Array(25) };
    expect(() => withProjection(graph, wider)).toThrow(
      'a projection of 5 numbers fits behind no other embedding',
    );
  });
});
