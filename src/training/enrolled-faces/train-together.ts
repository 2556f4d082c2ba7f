import { toRecord } from '../../core/failure-record.js';
import { Failure } from '../../core/failure.js';
import type { ProcessGroup } from '../../learning/engines/process-group.js';
import { shareOfCores } from '../parallel/shared-batches.js';
import { sharedText } from '../parallel/shared-text.js';
import { trainFaces } from './train-faces.js';
import type { MessageFromTrainer, MessageToTrainer, TrainerSetup } from './trainer-protocol.js';

type Processes = ProcessGroup & { readonly localRank: number };

/** The worker that has the leases, as the first of the processes talks to it. */
export interface TrainingWorker {
  tell(message: MessageFromTrainer): void;
  /** Calls back with each message of it; with undefined once it has ended, which is the last. */
  onMessage(listener: (message: MessageToTrainer | undefined) => void): void;
}

/** What the first process tells the others when there is nothing more to train. */
const noMore = '';

/**
 * Trains, together with the other processes, whatever a worker asks the first one to, until the worker has ended.
 * @throws what ends one process alone
 */
export async function trainForWorker(processes: Processes, worker: TrainingWorker): Promise<void> {
  const queue = new TrainingQueue(worker);
  for (;;) {
    const setup = await queue.next();
    // Waits without a core; the others have waited there since the training before.
    await processes.meet();
    await sharedText(setup === undefined ? noMore : textOf(setup), processes);
    if (setup === undefined) return;
    await trainNext(processes, setup, queue);
  }
}

/** Trains with the first process until that says that there is no more. @throws as {@link trainForWorker} */
export async function trainWithFirst(processes: Processes): Promise<void> {
  for (;;) {
    await processes.meet();
    const text = await sharedText(noMore, processes);
    if (text === noMore) return;
    await trainNext(processes, setupOf(text), undefined);
  }
}

async function trainNext(
  processes: Processes,
  setup: TrainerSetup,
  queue: TrainingQueue | undefined,
): Promise<void> {
  const ending = await trainOnce(processes, setup, queue).catch((error: unknown): MessageFromTrainer => ({
    type: 'failed',
    error: toRecord(error),
  }));
  // Where one has failed alone the others wait elsewhere, and the watchdog ends all.
  await processes.sum([Float32Array.of(1)]);
  queue?.end(ending);
}

async function trainOnce(
  processes: Processes,
  setup: TrainerSetup,
  queue: TrainingQueue | undefined,
): Promise<MessageFromTrainer> {
  const { provider, precision } = setup;
  if (provider === 'tensorflow')
    throw new Failure(
      'INVALID_ARGUMENT',
      'Several processes train by ONNX Runtime only: set SYMFACE_TRAINING_PROVIDER to cpu, cuda or webgpu.',
    );
  const threads = setup.threads === 0 ? shareOfCores(processes.localSize) : setup.threads;
  return trainFaces(setup, {
    engine: { provider, precision, threads, ...(provider !== 'cpu' && { device: processes.localRank }) },
    processes,
    tell: (message) => queue?.tell(message),
    checkpointKept: async () => queue?.checkpointKept() ?? Promise.resolve(),
    stop: queue?.stop ?? new AbortController().signal,
  });
}

/** What the worker says, one training after another. */
class TrainingQueue {
  private waiting: ((setup: TrainerSetup | undefined) => void) | undefined;
  private setups: (TrainerSetup | undefined)[] = [];
  private stopping = new AbortController();
  private goOn: (() => void) | undefined;

  constructor(private readonly worker: TrainingWorker) {
    worker.onMessage((message) => {
      if (message === undefined) this.workerEnded();
      else if (message.type === 'setup') this.add(message.setup);
      else if (message.type === 'stop') this.stopping.abort();
      else if (message.type === 'checkpoint-kept') this.goOn?.();
    });
  }

  /** Of the training in hand. */
  get stop(): AbortSignal {
    return this.stopping.signal;
  }

  tell(message: MessageFromTrainer): void {
    this.worker.tell(message);
  }

  async next(): Promise<TrainerSetup | undefined> {
    if (this.setups.length > 0) return this.setups.shift();
    return new Promise((resolve) => {
      this.waiting = resolve;
    });
  }

  async checkpointKept(): Promise<void> {
    return new Promise((resolve) => {
      this.goOn = resolve;
    });
  }

  end(message: MessageFromTrainer): void {
    this.stopping = new AbortController();
    this.tell(message);
  }

  private add(setup: TrainerSetup | undefined): void {
    const { waiting } = this;
    this.waiting = undefined;
    if (waiting === undefined) this.setups.push(setup);
    else waiting(setup);
  }

  /** Nobody would keep what is learnt. */
  private workerEnded(): void {
    this.stopping.abort();
    this.goOn?.();
    this.add(undefined);
  }
}

/** The key among it goes from memory to memory. */
function textOf({ encryptionKey, ...setup }: TrainerSetup): string {
  return JSON.stringify({ ...setup, encryptionKey: Buffer.from(encryptionKey).toString('base64') });
}

function setupOf(text: string): TrainerSetup {
  const { encryptionKey, ...setup } = JSON.parse(text) as Omit<TrainerSetup, 'encryptionKey'> & {
    readonly encryptionKey: string;
  };
  return { ...setup, encryptionKey: Buffer.from(encryptionKey, 'base64') };
}
