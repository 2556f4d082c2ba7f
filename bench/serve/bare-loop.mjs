/**
 * The same networks without a service: this process decodes, detects, aligns and embeds one photograph in a loop, or a
 * list of files once, or embeds ready tensors in a loop. Forked once a worker of the service, so that both use the same cores.
 */
import { readFile } from 'node:fs/promises';
import { loadImageAnalyser } from '../../dist/inference/analyser/load-image-analyser.js';
import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';
import { answerOnce, timedLoop } from './timed-loop.mjs';

answerOnce((task) => (task.mode === 'files' ? runFiles(task) : run(task)));

async function run({ setup, mode, photograph, batchSize, durationMs }) {
  const once =
    mode === 'photograph' ? await photographLoop(setup, photograph) : await cropLoop(setup, batchSize);
  return timedLoop(once, { durationMs, warmUps: 5 });
}

/** Each file once, as a benchmark asks for it: of several faces the one nearest the middle. */
async function runFiles({ setup, files }) {
  const embed = await photographEmbedder(setup, 'central');
  const warmUp = await readFile(files[0]);
  for (let count = 0; count < 5; count++) await facesIn(embed, warmUp);
  const startedAtMs = performance.now();
  const cpuBefore = process.cpuUsage();
  let faces = 0;
  for (const file of files) faces += await facesIn(embed, await readFile(file));
  const { user, system } = process.cpuUsage(cpuBefore);
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { images: files.length, faces, seconds, cpuMs: (user + system) / 1000 };
}

async function facesIn(embed, encoded) {
  try {
    return (await embed(encoded)).faces.length;
  } catch (error) {
    if (error.reason === 'FACE_NOT_FOUND') return 0;
    throw error;
  }
}

async function photographLoop(setup, photograph) {
  const embed = await photographEmbedder(setup, 'largest');
  return async () => {
    await embed(photograph);
    return 1;
  };
}

async function photographEmbedder(setup, selection) {
  const analyser = await loadImageAnalyser(setup);
  const { signal } = new AbortController();
  const kind = /** @type {const} */ ('photograph');
  const request = { kind, selection, wantEmbeddings: true, wantCrops: false };
  return (encoded) => analyser.analyse({ ...request, encoded }, signal);
}

/** Encoding of pixels to tensors included: the network takes floats. */
async function cropLoop(setup, batchSize) {
  const embedder = await OnnxFaceEmbedder.load(setup.models.backbone, {
    intraOpThreads: setup.intraOpThreads,
    provider: setup.provider,
  });
  const { width, height } = embedder.alignment;
  const crop = { width, height, pixels: new Uint8Array(width * height * 3).fill(127) };
  const crops = new Array(batchSize).fill(crop);
  return async () => (await embedder.embed(crops)).length;
}
