import { launchedProcess } from '../../training/parallel/launched-process.js';
import { MpiProcesses } from '../../training/parallel/mpi-processes.js';
import { describeError } from '../describe-error.js';
import type { Terminal } from '../terminal.js';

const defaultPatienceSeconds = 600;

/**
 * Runs `use` with the processes that a launcher such as `mpirun` started this one among; with undefined where it is alone.
 * Where `use` fails in one of them, all end: none could go on without it.
 */
export async function withProcesses(
  { err }: Pick<Terminal, 'err'>,
  use: (processes: MpiProcesses | undefined) => Promise<number>,
): Promise<number> {
  const launched = launchedProcess(process.env);
  if (launched === undefined) return use(undefined);
  const processes = await MpiProcesses.join(launched, patienceMs(), err);
  try {
    const exitCode = await use(processes);
    await processes.leave();
    return exitCode;
  } catch (error) {
    err(describeError(error));
    processes.abort('it failed');
    throw error;
  }
}

/** `SYMFACE_MPI_TIMEOUT_S`: how long one process waits for the others in a step. */
function patienceMs(): number {
  const seconds = Number(process.env['SYMFACE_MPI_TIMEOUT_S'] ?? '');
  return 1000 * (Number.isFinite(seconds) && seconds > 0 ? seconds : defaultPatienceSeconds);
}
