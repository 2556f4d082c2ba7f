/** Entry point of a process that times two backbones in turns and ends: nothing else computes in it. */
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { leaveSignalsToParent } from '../../core/concurrency/process-signals.js';
import { toRecord } from '../../core/failure-record.js';
import { OnnxFaceEmbedder } from '../embed/onnx-face-embedder.js';
import { verifyBundle } from '../../storage/models/verify-bundle.js';
import type { ModelTimingRequest, ModelTimingResult } from './process-model-timing.js';

const warmUpRuns = 3;
/** The runs are timed in turns: what else the machine does meanwhile slows both. */
const timedRuns = 25;

type TimedModel = () => Promise<number>;

/** @returns how long one face takes in milliseconds, each time it is called */
async function timed(model: RegisteredModel): Promise<TimedModel> {
  await verifyBundle(model);
  const embedder = await OnnxFaceEmbedder.load(model, { intraOpThreads: 1 });
  const { width, height } = embedder.alignment;
  const uniform = uniformGenerator(1);
  const pixels = Uint8Array.from({ length: width * height * 3 }, () => Math.floor(256 * uniform()));
  const run = async (): Promise<number> => {
    const startedAtMs = performance.now();
    await embedder.embed([{ width, height, pixels }]);
    return performance.now() - startedAtMs;
  };
  for (let warmUp = 0; warmUp < warmUpRuns; warmUp++) await run();
  return run;
}

async function compare(order: ModelTimingRequest): Promise<ModelTimingResult> {
  try {
    const [baseline, candidate] = [await timed(order.baseline), await timed(order.candidate)];
    // What else the machine does can only add to a run: the fastest one has least of it.
    const milliseconds = { baseline: Infinity, candidate: Infinity };
    for (let run = 0; run < timedRuns; run++) {
      milliseconds.baseline = Math.min(milliseconds.baseline, await baseline());
      milliseconds.candidate = Math.min(milliseconds.candidate, await candidate());
    }
    return { kind: 'timed', milliseconds };
  } catch (error) {
    return { kind: 'failed', error: toRecord(error) };
  }
}

process.once('message', (order: ModelTimingRequest) => {
  void compare(order).then((result) => {
    process.send?.(result, () => process.exit(0));
  });
});
process.once('disconnect', () => process.exit(0));
leaveSignalsToParent();
