/**
 * Entry point of a process that fine-tunes a backbone on enrolled faces, for the service: what it computes does not stop
 * the gateway, and what it holds is gone with it.
 */
import { leaveSignalsToParent } from '../../core/concurrency/process-signals.js';
import { toRecord } from '../../core/failure-record.js';
import { requireProvider } from '../../learning/engines/require-provider.js';
import { useTensorflowGpu } from '../../learning/engines/tensorflow-gpu.js';
import { trainFaces } from './train-faces.js';
import type { MessageFromTrainer, MessageToTrainer, TrainerSetup } from './trainer-protocol.js';

const stop = new AbortController();
let goOn: (() => void) | undefined;

function tell(message: MessageFromTrainer): void {
  if (process.connected) process.send?.(message);
}

/** Resolves once the message is on its way, so that the process may end. */
async function tellLast(message: MessageFromTrainer): Promise<void> {
  await new Promise<void>((resolve) => {
    if (process.send === undefined) resolve();
    else
      process.send(message, () => {
        resolve();
      });
  });
}

async function run(setup: TrainerSetup): Promise<void> {
  const { provider, precision, threads } = setup;
  if (provider === 'tensorflow') await useTensorflowGpu();
  await tellLast(
    await trainFaces(setup, {
      engine: provider === 'tensorflow' ? 'tfjs' : { provider, precision, threads },
      tell,
      checkpointKept: async () =>
        new Promise((resolve) => {
          goOn = resolve;
        }),
      stop: stop.signal,
    }),
  );
}

process.on('message', (message: MessageToTrainer) => {
  switch (message.type) {
    case 'setup':
      void run(message.setup)
        .catch(async (error: unknown) => tellLast({ type: 'failed', error: toRecord(error) }))
        .finally(() => process.exit());
      return;
    case 'check-provider':
      void requireProvider(message.provider)
        .then(async () => tellLast({ type: 'provider-works' }))
        .catch(async (error: unknown) => tellLast({ type: 'failed', error: toRecord(error) }))
        .finally(() => process.exit());
      return;
    case 'stop':
      stop.abort();
      return;
    case 'checkpoint-kept':
      goOn?.();
  }
});
// Without its service nobody would keep what it learns.
process.once('disconnect', () => process.exit(1));
leaveSignalsToParent();
