/**
 * The same networks without a service: this process decodes, detects, aligns and embeds in a loop, or embeds
 * ready tensors in a loop. Forked once a worker of the service, so that both use the same cores.
 */
import { loadImageAnalyser } from '../../dist/adapters/worker/load-image-analyser.js';
import { OnnxFaceEmbedder } from '../../dist/adapters/onnx/onnx-face-embedder.js';

process.once('message', (task) => {
  void run(task).then((result) => {
    process.send(result);
    process.disconnect();
  });
});

async function run({ setup, mode, photograph, batchSize, durationMs }) {
  const once =
    mode === 'photograph' ? await photographLoop(setup, photograph) : await cropLoop(setup, batchSize);
  for (let warmUp = 0; warmUp < 5; warmUp++) await once();
  const startedAtMs = performance.now();
  let images = 0;
  while (performance.now() - startedAtMs < durationMs) images += await once();
  return { images, seconds: (performance.now() - startedAtMs) / 1000 };
}

async function photographLoop(setup, photograph) {
  const analyser = await loadImageAnalyser(setup);
  const { signal } = new AbortController();
  const request = {
    encoded: photograph,
    kind: 'photograph',
    selection: 'largest',
    wantEmbeddings: true,
    wantCrops: false,
  };
  return async () => {
    await analyser.analyse(request, signal);
    return 1;
  };
}

/** Encoding of pixels to tensors included: the network takes floats. */
async function cropLoop(setup, batchSize) {
  const embedder = await OnnxFaceEmbedder.load(setup.models.backbone, {
    intraOpThreads: setup.intraOpThreads,
  });
  const { width, height } = embedder.alignment;
  const crop = { width, height, pixels: new Uint8Array(width * height * 3).fill(127) };
  const crops = new Array(batchSize).fill(crop);
  return async () => (await embedder.embed(crops)).length;
}
