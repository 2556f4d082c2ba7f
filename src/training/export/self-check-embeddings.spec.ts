import { describe, expect, it } from 'vitest';

import type { SelfCheck } from '../../core/models/self-check.js';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneArchitecture } from '../../learning/backbones/catalogue.js';
import { initialWeights } from '../../learning/weights/initial-weights.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { trainedManifest } from './export-model.js';
import { selfCheckFor } from './self-check-embeddings.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';

const backbone = createBackbone(backboneArchitecture('mobilefacenet'), {
  inputSize: { height: 112, width: 112 },
});
const origin = { name: 'net', license: 'MIT', source: 'drawn' };
const weights = initialWeights(backbone, 1);
const graph = compileServingGraph(backbone, weights);
const manifest = trainedManifest(backbone, arcFaceTemplate, graph, origin);

describe('selfCheckFor', () => {
  let check: SelfCheck;

  it('records what the network computes, and finds it in the folded graph', async () => {
    const found = await selfCheckFor({ backbone, weights }, graph, manifest);
    check = found!;
    expect(check.embeddings.map(({ length }) => length)).toEqual([128, 128]);
    const norms = check.embeddings.map((values) => Math.hypot(...values));
    for (const norm of norms) expect(norm).toBeCloseTo(1, 5);
    expect(check.embeddings[0]).not.toEqual(check.embeddings[1]);
  });

  it('refuses a graph of other weights, or that pixels are prepared otherwise for', async () => {
    const other = compileServingGraph(backbone, initialWeights(backbone, 2));
    await expect(selfCheckFor({ backbone, weights }, other, manifest)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
    });
    const session = await OnnxSession.load(graph, { intraOpThreads: 1 });
    const { input } = manifest;
    const swapped = { ...manifest, input: { ...input, channelOrder: 'BGR' as const }, selfCheck: check };
    await expect(new OnnxFaceEmbedder(session, swapped).checkItself(swapped)).rejects.toThrow(
      /does not compute what was trained: .* cosine of 0\.9?\d+/u,
    );
    const right = { ...manifest, selfCheck: check };
    await new OnnxFaceEmbedder(session, right).checkItself(right);
    await session.release();
  });
});
