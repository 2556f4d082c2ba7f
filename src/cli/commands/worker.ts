import { Command } from 'commander';
import { launchedProcess } from '../../training/parallel/launched-process.js';
import { EXIT_OK } from '../exit-code.js';
import { endInAnyCase, endOnceClosed, startUnlessStopped } from '../last-resort.js';
import { nextStopSignal } from '../next-stop-signal.js';
import { requireOpenFiles } from '../open-files.js';
import { tellWhereRefused } from '../refused-start.js';
import { withProcesses } from '../training/with-processes.js';
import { naturalNumber, positiveInteger, type Session } from '../session.js';
import { serveUnread } from '../terminal.js';
import type { RunningJobWorker } from '../../worker.js';

interface WorkerOptions {
  readonly queues?: string;
  readonly threads?: number;
  readonly httpPort?: number;
}

const NOTES = `
Needs DATABASE_URL and the encryption key of the service, whose artifacts are in the database; the other settings come
from the environment too (docs/configuration.md). SYMFACE_TRAINING_PROVIDER=auto trains on a GPU where one works. A
service with SYMFACE_QUEUES=assessment,benchmark leaves the others to workers. SIGTERM or Ctrl-C gives the job in hand
back, with a checkpoint; another worker goes on there. docs/workers.md tells more.

Examples:
  DATABASE_URL=postgres://... SYMFACE_ENCRYPTION_KEY_FILE=key symface worker --queues training
  symface worker --threads 8 --http-port 9090
  mpirun -n 4 symface worker --queues training   several processes for each training; kill -USR2 of Open MPI's mpirun
                                                 ends them (docs/parallel-training.md)`;

/** What to work on: an empty value, as of an unset variable in a shell or a compose file, says nothing. */
export function queuesOf(option: string | undefined, variable: string | undefined): string {
  return [option, variable].find((names) => names !== undefined && names !== '') ?? workableQueues;
}

/** Assessments and benchmarks need the data sets of the service's machines. */
const workableQueues = 'training,activation,key-rotation,indexing';

export function workerCommand(session: Session): Command {
  return new Command('worker')
    .description('work on the jobs of a service that runs elsewhere; answers no calls')
    .option(
      '--queues <kinds>',
      'jobs to work on, with commas between; else SYMFACE_QUEUES, else training,activation,key-rotation,indexing',
    )
    .option('--threads <count>', 'threads of a training; 0: as many as there are cores', naturalNumber)
    .option('--http-port <port>', 'for /healthz, /readyz and /metrics; else none', positiveInteger)
    .addHelpText('after', NOTES)
    .action(async ({ queues, threads, httpPort }: WorkerOptions) => {
      if (launchedProcess(process.env) !== undefined) {
        const { workTogether } = await import('../training/work-together.js');
        session.exitCode = await withProcesses(session.terminal, async (processes) =>
          processes === undefined ? EXIT_OK : workTogether(processes, process.argv.slice(2)),
        );
        return;
      }
      const { endWithTrainingParent } = await import('../../training/enrolled-faces/trainer-process.js');
      const leaveParent = endWithTrainingParent();
      const stopSignal = nextStopSignal();
      serveUnread();
      const { terminal } = session;
      // Loaded here only: the other commands are clients and should start fast.
      const { readConfiguration } = await import('../../service/platform/configuration/configuration.js');
      const configuration = readConfiguration(undefined, {
        SYMFACE_QUEUES: queuesOf(queues, process.env['SYMFACE_QUEUES']),
        SYMFACE_TRAINING_THREADS: threads?.toString(),
      });
      const tell = (line: string): void => {
        terminal.err(line);
      };
      const start = async (): Promise<RunningJobWorker> => {
        requireOpenFiles();
        const { startJobWorker } = await import('../../worker.js');
        return startJobWorker(configuration, {
          httpPort,
          onPreparation: ({ title, completed, total }) => {
            tell(`  [${completed}/${total}] ${title}`);
          },
        });
      };
      const worker = await tellWhereRefused(session, async () => startUnlessStopped(start, stopSignal, tell));
      if (worker === undefined) {
        leaveParent();
        return;
      }
      terminal.out('SymFace works on jobs.');
      terminal.out(`  queues    ${configuration.queues.join(', ')}`);
      terminal.out(`  trains    on ${worker.trainingProvider}`);
      terminal.out(`  database  ${worker.database}`);
      await stopSignal;
      endInAnyCase(0, tell);
      await worker.close();
      leaveParent();
      endOnceClosed(tell);
      session.exitCode = EXIT_OK;
    });
}
