import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Of the process that trains on enrolled faces; compiled. */
export const trainingEntryPoint = fileURLToPath(
  new URL('../../dist/training/enrolled-faces/trainer.js', import.meta.url),
);

/** Ids of the training processes that this one has started. */
export function trainingProcesses(): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], {
    encoding: 'utf8',
  });
  return stdout
    .split('\n')
    .filter((line) => line.includes(trainingEntryPoint))
    .map((line) => Number.parseInt(line, 10));
}

export function killTrainingProcesses(): void {
  for (const pid of trainingProcesses()) process.kill(pid, 'SIGKILL');
}
