// Trains a network of one's own with ArcFace and the SymFace term, and exports it: npx tsc && node train.js
import { writeFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs';
import {
  arcFace,
  type BackboneArchitecture,
  backboneWeightsOf,
  compileServingGraph,
  createBackbone,
  EpochSampler,
  initialState,
  layers,
  OrtTrainingEngine,
  trainingBatch,
  type TrainingCrop,
} from 'symface/learning';

const { convolution, linear, normalised, prelu, sequence } = layers;
const side = 32;
const [identities, cropsOfEach] = [6, 8];

/** Three convolutions and a matrix. */
const tiny: BackboneArchitecture = {
  name: 'tiny',
  source: 'this example',
  defaultEmbeddingSize: 16,
  network: (embeddingSize) =>
    sequence({
      first: normalised(convolution({ channels: 8, kernel: 3, stride: 2 })),
      firstActivation: prelu,
      second: normalised(convolution({ channels: 16, kernel: 3, stride: 2 })),
      secondActivation: prelu,
      embedding: normalised(linear(embeddingSize)),
    }),
};

/** A made-up face: a pattern of its identity, the same on both sides of the nose, and noise. */
function crop(identity: number, seed: number): TrainingCrop {
  const noise = tf.randomUniform([side * side * 3], 0, 60, 'int32', seed).dataSync();
  const pixels = Uint8Array.from(noise, (value, index) => {
    const [x, y] = [Math.floor(index / 3) % side, Math.floor(index / 3 / side)];
    const fromNose = Math.abs(x - (side - 1) / 2);
    return 97 + value + 95 * Math.sin(((identity + 1) * fromNose) / 4 + (identity * y) / 7);
  });
  return { image: { width: side, height: side, pixels }, noseX: (side - 1) / 2 };
}

await tf.setBackend('cpu');
const labels = Array.from({ length: identities * cropsOfEach }, (_, face) => face % identities);
const crops = labels.map((identity, face) => crop(identity, face + 1));
const rho = labels.map((_, face) => (face % 3 === 0 ? 0.1 : 0.9)); // two thirds are frontal enough to be split
const faces = { labels, rho };

const planner = new EpochSampler(rho, { tau: 0.2, splitFraction: 0.3, batchSize: 16, flip: true, seed: 1 });
const { splitSlots } = planner.layout;
const spec = {
  backbone: createBackbone(tiny, { inputSize: { height: side, width: side } }),
  faceLoss: arcFace({ scale: 16, marginRadians: 0.3 }),
  classCount: identities,
  symmetry: { symmetryWeight: 1, compare: 'unit' },
  sgd: {
    momentum: 0.9,
    weightDecay: { weights: 5e-4, 'last-layer': 5e-4, normalisation: 0, slopes: 0, head: 5e-4 },
  },
  normalisation: 'live',
  batch: { batchSize: 16, splitSlots, imageHeight: side, imageWidth: side },
} as const;

const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), {
  provider: 'cpu',
  threads: 1,
});
for (let epoch = 0; epoch < 8; epoch++) {
  const plan = planner.plan(epoch);
  for (let batch = 0; batch < plan.batchCount; batch++) {
    const step = await engine.step(trainingBatch(plan.batch(batch), crops, faces, splitSlots), 0.1);
    if (batch > 0) continue;
    console.log(`epoch ${epoch}: L_f ${step.faceLoss.toFixed(3)}, L_rho ${step.symmetryLoss.toFixed(3)}`);
  }
}
const trained = backboneWeightsOf(await engine.state());
await engine.close();
const model = compileServingGraph(spec.backbone, trained);
writeFileSync('backbone.onnx', model);
console.log(`backbone.onnx: ${model.length} bytes, image [n, 3, ${side}, ${side}] to embedding [n, 16]`);
