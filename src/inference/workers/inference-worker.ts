/**
 * Entry point of an inference worker: a child process that owns the networks. It exits when its parent closes
 * the channel or dies, so no worker outlives its gateway.
 */
import type { AnalysisRequest } from '../analyser/face-analysis.js';
import { leaveSignalsToParent } from '../../core/concurrency/process-signals.js';
import { Failure } from '../../core/failure.js';
import { toRecord } from '../../core/failure-record.js';
import type { StageDurations } from '../analyser/stage-durations.js';
import type { ImageAnalyser } from '../analyser/image-analyser.js';
import { loadImageAnalyser } from '../analyser/load-image-analyser.js';
import { type MessageFromWorker, type MessageToWorker, type WorkerSetup } from './worker-protocol.js';

const running = new Map<number, AbortController>();
let analyser: ImageAnalyser | undefined;

function send(message: MessageFromWorker): void {
  // The channel is closed where the parent has gone meanwhile: then nobody waits for the answer.
  if (process.connected) process.send?.(message);
}

async function setUp(setup: WorkerSetup): Promise<void> {
  try {
    const startedAt = performance.now();
    analyser = await loadImageAnalyser(setup);
    send({ type: 'ready', warmUpMs: performance.now() - startedAt });
  } catch (error) {
    send({ type: 'setup-failed', error: toRecord(error) });
  }
}

async function analyse(jobId: number, request: AnalysisRequest): Promise<void> {
  const controller = new AbortController();
  running.set(jobId, controller);
  let stages: StageDurations = {};
  const onStages = (durations: StageDurations): void => {
    stages = durations;
  };
  try {
    if (analyser === undefined) throw new Error('a job came before the models were loaded');
    const image = await analyser.analyse(request, controller.signal, onStages);
    send({ type: 'analysed', jobId, image, stages });
  } catch (error) {
    send({ type: 'failed', jobId, error: toRecord(error), stages });
  } finally {
    running.delete(jobId);
  }
}

process.on('message', (message: MessageToWorker) => {
  switch (message.type) {
    case 'setup':
      void setUp(message.setup);
      break;
    case 'analyse':
      void analyse(message.jobId, message.request);
      break;
    case 'cancel':
      running.get(message.jobId)?.abort(new Failure('CANCELLED', 'The caller has gone.'));
      break;
  }
});

leaveSignalsToParent();
// What ends a service may tell every process of it at once: what was accepted is answered all the same.
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => {
  process.exit(0);
});
