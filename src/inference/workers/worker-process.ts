import { fromRecord } from '../../core/failure-record.js';
import { type ChildProcess, fork } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { AnalysedImage, AnalysisRequest } from '../analyser/face-analysis.js';
import type { StageDurations } from '../analyser/stage-durations.js';
import { type MessageFromWorker, type MessageToWorker, type WorkerSetup } from './worker-protocol.js';

/** What a worker tells of; every job it was sent is answered once or listed in `onExit`. */
export interface WorkerEvents {
  onAnalysed(jobId: number, image: AnalysedImage, stages: StageDurations): void;
  onFailed(jobId: number, error: Error, stages: StageDurations): void;
  /** The process has ended; `lostJobIds` were sent to it and never answered. */
  onExit(lostJobIds: readonly number[], description: string): void;
}

export interface WorkerProcessOptions {
  readonly setup: WorkerSetup;
  readonly startTimeoutMs: number;
  /** So long without an answer while a job is there means that the process hangs in native code: it is killed. */
  readonly stallTimeoutMs: number;
  readonly entryPoint?: string;
  /** The priority as `os.setPriority` takes it; the gateway's own where it is undefined. */
  readonly priority?: number;
}

/** What an aligned crop takes of a worker beside a photograph, which has to be looked at for faces; a seventh, to be sure. */
const cropLoad = 0.25;

const defaultEntryPoint = fileURLToPath(new URL('./inference-worker.js', import.meta.url));

/** One inference worker process: start, send jobs, notice its end. */
export class WorkerProcess {
  private readonly sentAtMs = new Map<number, number>();
  private readonly stallCheck: NodeJS.Timeout;
  private lastAnswerMs = -Infinity;
  private readonly loads = new Map<number, number>();
  private exited = false;

  private constructor(
    private readonly child: ChildProcess,
    private readonly options: WorkerProcessOptions,
    private readonly events: WorkerEvents,
  ) {
    this.stallCheck = setInterval(() => {
      this.killIfStalled();
    }, options.stallTimeoutMs / 4);
    this.stallCheck.unref();
  }

  /**
   * Starts a process and waits until its models are loaded and warm.
   * @throws Failure or Error saying why it cannot serve
   */
  static async start(options: WorkerProcessOptions, events: WorkerEvents): Promise<WorkerProcess> {
    const child = fork(options.entryPoint ?? defaultEntryPoint, [], {
      serialization: 'advanced',
      // stdout belongs to the CLI's --json output; workers report through the channel and stderr.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    try {
      await becomesReady(child, options);
      // Loading takes a second; at the lowest priority beside full cores it would take a minute.
      if (options.priority !== undefined) lowerPriority(child, options.priority);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
    const worker = new WorkerProcess(child, options, events);
    worker.listen();
    return worker;
  }

  get processId(): number | undefined {
    return this.child.pid;
  }

  /** What it has in hand, in photographs. */
  get load(): number {
    let load = 0;
    for (const of of this.loads.values()) load += of;
    return load;
  }

  analyse(jobId: number, request: AnalysisRequest): void {
    this.sentAtMs.set(jobId, performance.now());
    this.loads.set(jobId, request.kind === 'aligned-crop' ? cropLoad : 1);
    this.send({ type: 'analyse', jobId, request });
  }

  /** Asks the worker to drop a job; it is answered all the same, as failed or as analysed. */
  cancel(jobId: number): void {
    if (this.sentAtMs.has(jobId)) this.send({ type: 'cancel', jobId });
  }

  /** Ends the process; call it once no job is in flight. */
  stop(): void {
    if (this.child.connected) this.child.disconnect();
  }

  private send(message: MessageToWorker): void {
    // A failed send means that the process is ending: its exit event settles the jobs.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private listen(): void {
    this.child.on('message', (message: MessageFromWorker) => {
      this.lastAnswerMs = performance.now();
      if (message.type === 'analysed') {
        this.forget(message.jobId);
        this.events.onAnalysed(message.jobId, message.image, message.stages ?? {});
      } else if (message.type === 'failed') {
        this.forget(message.jobId);
        this.events.onFailed(message.jobId, fromRecord(message.error), message.stages ?? {});
      }
    });
    const ended = (description: string): void => {
      if (this.exited) return;
      this.exited = true;
      clearInterval(this.stallCheck);
      const lost = [...this.sentAtMs.keys()];
      this.sentAtMs.clear();
      this.loads.clear();
      this.events.onExit(lost, description);
    };
    this.child.once('exit', (code, signal) => {
      ended(exitDescription(code, signal));
    });
    // It may have died between its ready message and this call.
    if (this.child.exitCode !== null || this.child.signalCode !== null) {
      // Later, so that whoever awaits start() holds the worker before it is told of the worker's end.
      setImmediate(() => {
        ended(exitDescription(this.child.exitCode, this.child.signalCode));
      });
    }
  }

  private forget(jobId: number): void {
    this.sentAtMs.delete(jobId);
    this.loads.delete(jobId);
  }

  private killIfStalled(): void {
    // Jobs are answered in about the order they were sent, so the first is the oldest.
    const [oldestMs] = this.sentAtMs.values();
    if (oldestMs === undefined) return;
    // What it waited behind others does not count.
    const sinceMs = Math.max(oldestMs, this.lastAnswerMs);
    if (performance.now() - sinceMs > this.options.stallTimeoutMs) this.child.kill('SIGKILL');
  }
}

/** Lowers the priority at once: threads take it from the thread that starts them. */
function lowerPriority({ pid }: ChildProcess, priority: number): void {
  if (pid === undefined) return;
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, priority);
    } catch {
      // It has ended already, which its exit event tells, or the system has no priorities: then all are alike.
    }
  }
}

/** On Linux each thread has a priority of its own, which new threads take over. */
function threadsOf(processId: number): readonly number[] {
  try {
    return readdirSync(`/proc/${processId}/task`).map(Number);
  } catch {
    return [processId];
  }
}

async function becomesReady(child: ChildProcess, options: WorkerProcessOptions): Promise<void> {
  // A late process error (a kill that fails, a closed channel) must not end the gateway.
  child.on('error', () => undefined);
  child.send({ type: 'setup', setup: options.setup } satisfies MessageToWorker, () => undefined);
  let stopListening = (): void => undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      const onMessage = (message: MessageFromWorker): void => {
        if (message.type === 'ready') resolve();
        if (message.type === 'setup-failed') reject(fromRecord(message.error));
      };
      const onExit = (code: number | null, signal: NodeJS.Signals | null): void => {
        reject(new Error(`an inference worker ended while starting: ${exitDescription(code, signal)}`));
      };
      const timer = setTimeout(() => {
        reject(new Error(`an inference worker was not ready after ${options.startTimeoutMs} ms`));
      }, options.startTimeoutMs);
      child.on('message', onMessage).on('error', reject).on('exit', onExit);
      stopListening = () => {
        clearTimeout(timer);
        child.off('message', onMessage).off('error', reject).off('exit', onExit);
      };
    });
  } finally {
    stopListening();
  }
}

function exitDescription(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exit code ${String(code)}` : `signal ${signal}`;
}
