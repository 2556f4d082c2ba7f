import { fork } from 'node:child_process';
import { isLauncherVariable } from '../../training/parallel/launched-process.js';
import type { MpiProcesses } from '../../training/parallel/mpi-processes.js';
import { trainForWorker, trainWithFirst } from '../../training/enrolled-faces/train-together.js';
import { trainingParentVariable } from '../../training/enrolled-faces/trainer-process.js';
import type { MessageToTrainer } from '../../training/enrolled-faces/trainer-protocol.js';
import { EXIT_OK } from '../exit-code.js';
import { onStopSignal } from '../interruption.js';

/**
 * `symface worker` under `mpirun`: the first process starts a worker, which takes the leases, and trains with the others what that
 * one would train alone. @returns the worker's exit status
 */
export async function workTogether(processes: MpiProcesses, args: readonly string[]): Promise<number> {
  if (processes.rank > 0) {
    // A launcher sends signals to all; the first one's worker gives the job back, and the first says when to leave.
    onStopSignal(() => undefined);
    await trainWithFirst(processes);
    return EXIT_OK;
  }
  const environment = Object.entries(process.env).filter(([name]) => !isLauncherVariable(name));
  const worker = fork(process.argv[1] ?? '', args, {
    env: { ...Object.fromEntries(environment), [trainingParentVariable]: '1' },
    serialization: 'advanced',
    // Signals come from this process only.
    detached: true,
  });
  onStopSignal(() => worker.kill('SIGTERM'));
  const ended = new Promise<number>((resolve) => {
    worker.once('close', (code) => {
      resolve(code ?? 1);
    });
  });
  await trainForWorker(processes, {
    tell: (message) => {
      if (worker.connected) worker.send(message, () => undefined);
    },
    onMessage: (listener) => {
      worker.on('message', (message) => {
        listener(message as MessageToTrainer);
      });
      void ended.then(() => {
        listener(undefined);
      });
    },
  });
  return ended;
}
