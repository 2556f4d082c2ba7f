import { readFileSync } from 'node:fs';

import { beforeAll, describe, expect, it } from 'vitest';

import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { trainedManifest } from '../../src/training/export/export-model.js';
import { readOnnx } from '../../src/onnx/read-onnx.js';
import { OrtTrainingEngine } from '../../src/learning/engines/ort-training-engine.js';
import { compileServingGraph } from '../../src/learning/backbones/serving-graph.js';
import { splitHalves } from '../../src/core/faces/split-halves.js';
import type { Weights } from '../../src/core/models/weights.js';
import { l2Normalise } from '../../src/core/verification/similarity.js';
import type { TrainingBatch } from '../../src/learning/sampler/training-batch.js';
import {
  importBackbone,
  type ImportedBackbone,
} from '../../src/learning/imported-backbone/import-backbone.js';
import { createFaceLoss } from '../../src/learning/losses/face-losses.js';
import { initialState } from '../../src/learning/step/initial-state.js';
import { backboneWeightsOf, type TrainingSpec } from '../../src/learning/step/training-spec.js';
import { type CelebrityFaces, celebrityFaces, hasCelebrityFaces } from '../support/celebrity-faces.js';
import { OWN_INPUT } from '../support/imported-networks.js';
import { batchOf } from '../support/overfitting.js';
import { embeddingsOf } from '../support/pixel-embeddings.js';
import { sharedPath } from '../support/shared-data.js';

const SIDE = 112;
const STEPS = 16;
const SPLIT = 6;
const FULL = 4;

/** Around the middle of the picture: that the nose is not just there matters to both halves alike. */
function halvesOf(pixels: Uint8Array) {
  return splitHalves({ width: SIDE, height: SIDE, pixels }, (SIDE - 1) / 2);
}

/** Other faces in every step. */
function batchAt(step: number, { images, labels }: CelebrityFaces): TrainingBatch {
  const chosen = Array.from({ length: SPLIT + FULL }, (_, index) => (step * 7 + index * 3) % images.length);
  const [split, full] = [chosen.slice(0, SPLIT), chosen.slice(SPLIT)];
  const halves = split.map((face) => halvesOf(images[face]!));
  const pixels = [
    ...halves.map(({ left }) => left.pixels),
    ...halves.map(({ right }) => right.pixels),
    ...full.map((face) => images[face]!),
  ];
  const batch = batchOf(
    pixels,
    [...split, ...split, ...full].map((face) => labels[face]!),
  );
  return { ...batch, rho: new Float32Array(SPLIT).fill(0.6) };
}

describe.runIf(hasCelebrityFaces('learning symmetry'))('the symmetry term on a trained network', () => {
  let network: ImportedBackbone;
  let [training, heldOut]: CelebrityFaces[] = [];

  /** Mean squared distance of the unit embeddings of halves, of people who are not trained on. */
  async function halfDistance(weights: Weights): Promise<number> {
    const graph = compileServingGraph(network.backbone, weights);
    const origin = { name: 'test', license: 'unknown', source: 'test' };
    const halves = heldOut!.images.map(halvesOf).flatMap(({ left, right }) => [left, right]);
    const embeddings = await embeddingsOf(
      graph,
      trainedManifest(network.backbone, arcFaceTemplate, graph, origin),
      halves,
    );
    const units = embeddings.map((embedding) => l2Normalise(embedding));
    const squares = heldOut!.images.map((_, face) =>
      units[2 * face]!.reduce((sum, value, index) => sum + (value - units[2 * face + 1]![index]!) ** 2, 0),
    );
    return squares.reduce((sum, square) => sum + square, 0) / squares.length;
  }

  /** @returns L_ρ of each step, and the distance of held-out halves after the last */
  async function train(symmetryWeight: number) {
    const spec: TrainingSpec = {
      backbone: network.backbone,
      faceLoss: createFaceLoss('arcface', { scale: 32, marginRadians: 0.45 }),
      classCount: 4,
      symmetry: { compare: 'unit', symmetryWeight },
      sgd: {
        momentum: 0.9,
        weightDecay: { weights: 5e-4, 'last-layer': 5e-4, normalisation: 5e-4, slopes: 0, head: 5e-4 },
        gradientClipNorm: 5,
      },
      normalisation: 'frozen',
      batch: { batchSize: 2 * SPLIT + FULL, splitSlots: SPLIT, imageHeight: SIDE, imageWidth: SIDE },
    };
    const state = initialState(spec, 1, network.weights);
    const engine = await OrtTrainingEngine.start(spec, state, { provider: 'cpu', threads: 2 });
    const terms: number[] = [];
    for (let step = 0; step < STEPS; step++)
      terms.push((await engine.step(batchAt(step, training!), 1e-4)).symmetryLoss);
    const after = await halfDistance(backboneWeightsOf(await engine.state()));
    await engine.close();
    return { terms, after };
  }

  beforeAll(async () => {
    const { graph } = readOnnx(readFileSync(sharedPath('models', 'mobilefacenet_128_dynamic.onnx')));
    const input = {
      ...OWN_INPUT,
      mean: [123.675, 116.28, 103.53],
      scale: [58.395, 57.12, 57.375],
      width: SIDE,
      height: SIDE,
    } as const;
    network = importBackbone(graph, { name: 'mobilefacenet', source: 'test', input });
    training = await celebrityFaces(0, 4, 4, SIDE);
    heldOut = await celebrityFaces(200, 12, 2, SIDE);
  });

  it('falls, and the halves of faces that were not seen come nearer with it', async () => {
    const before = await halfDistance(network.weights);
    const [with10, without] = [await train(10), await train(0)];
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [first, last] = [mean(with10.terms.slice(0, 4)), mean(with10.terms.slice(-4))];
    console.log(
      `L_rho ${first.toFixed(4)} -> ${last.toFixed(4)}; held-out halves ${before.toFixed(4)} before, ` +
        `${with10.after.toFixed(4)} with the term, ${without.after.toFixed(4)} without`,
    );
    expect(last).toBeLessThan(0.8 * first);
    expect(with10.after).toBeLessThan(0.9 * before);
    expect(with10.after).toBeLessThan(without.after);
  });
});
