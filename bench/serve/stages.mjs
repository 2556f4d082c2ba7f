/**
 * What each stage of a photograph costs, from decoding to embedding: processor time of one process with one thread of networks.
 *
 *   npm run build && node bench/serve/stages.mjs --photograph FILE [--rounds 40]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { cutCrops } from '../../dist/inference/analyser/cut-crops.js';
import { Photograph } from '../../dist/inference/decode/photograph.js';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';
import { readConfiguration } from '../../dist/service/platform/configuration/configuration.js';
import { activeModels } from './bare-processes.mjs';

const { values: options } = parseArgs({
  options: {
    photograph: { type: 'string', default: '../shared/data/photos/obama.jpg' },
    rounds: { type: 'string', default: '40' },
  },
});
const rounds = Number(options.rounds);
const encoded = await readFile(options.photograph);
const models = await activeModels(readConfiguration());
const oneThread = { intraOpThreads: 1 };
const decoder = new SharpImageDecoder();
const detector = await createFaceDetector(models.detector, oneThread);
const embedder = await OnnxFaceEmbedder.load(models.backbone, oneThread);

const photograph = await decoder.open(encoded);
const { image, factor } = await photograph.pixels(Math.max(photograph.width, photograph.height) / 320);
const decoded = () => new Photograph({ ...photographSize(), factors: [factor], decode: async () => image });
const [face] = await detector.detect(decoded());
if (face === undefined) throw new Error('no face is found in this photograph');
const wanted = { alignment: embedder.alignment, storedCrop: false };
const { backbone } = await cutCrops(photograph, face.landmarks, wanted);

const stages = {
  header: () => decoder.open(encoded),
  'header, decode': async () => (await decoder.open(encoded)).pixels(factor),
  detect: () => detector.detect(decoded()),
  'cut crops': () => cutCrops(photograph, face.landmarks, wanted),
  embed: () => embedder.embed([backbone]),
  all: async () => {
    const fresh = await decoder.open(encoded);
    const [first] = await detector.detect(fresh);
    await embedder.embed([(await cutCrops(fresh, first.landmarks, wanted)).backbone]);
  },
};
console.log(`${photograph.width}x${photograph.height}, decoded reduced by ${factor.toFixed(2)}`);
for (const [stage, work] of Object.entries(stages))
  console.log(`${stage}: ${(await cpuMsOf(work)).toFixed(2)} ms`);

function photographSize() {
  const { width, height } = photograph;
  return { width, height };
}

async function cpuMsOf(work) {
  for (let round = 0; round < 5; round++) await work();
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / rounds;
}
