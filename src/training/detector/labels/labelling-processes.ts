import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Failure } from '../../../core/failure.js';
import { fromRecord } from '../../../core/failure-record.js';
import type {
  LabelledBatch,
  LabellingDetectors,
  LabellingReply,
  LabellingRequest,
  PhotographToLabel,
} from './labelling-protocol.js';

const defaultEntryPoint = fileURLToPath(new URL('./labelling-worker.js', import.meta.url));

interface Waiting {
  readonly resolve: (batch: LabelledBatch) => void;
  readonly reject: (error: Error) => void;
}

/** A process that labels photographs on one core. */
export class LabellingProcess {
  private readonly child: ChildProcess;
  private readonly waiting = new Map<number, Waiting>();
  private lost: Error | undefined;
  private nextId = 1;

  constructor(detectors: LabellingDetectors, entryPoint = defaultEntryPoint) {
    this.child = fork(entryPoint, [], {
      serialization: 'advanced',
      // stdout belongs to the command's result.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: [],
    });
    this.child.on('message', (reply: LabellingReply) => {
      this.settle(reply);
    });
    this.child.on('error', (cause) => {
      this.lose(new Failure('WORKER_LOST', 'The process that labels cannot be started.', {}, [], { cause }));
    });
    this.child.on('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      this.lose(new Failure('WORKER_LOST', `The process that labels ended unexpectedly (${how}).`));
    });
    this.send({ type: 'load', detectors });
  }

  /** @throws Failure as createFaceDetector; WORKER_LOST where the process ended */
  label(photographs: readonly PhotographToLabel[]): Promise<LabelledBatch> {
    return new Promise((resolve, reject) => {
      if (this.lost !== undefined) {
        reject(this.lost);
        return;
      }
      const id = this.nextId++;
      this.waiting.set(id, { resolve, reject });
      this.send({ type: 'label', id, photographs });
    });
  }

  /** Ends the process; what it was labelling is given up. */
  close(): void {
    this.lose(new Failure('SHUTTING_DOWN', 'The labelling was ended.'));
    this.child.kill();
  }

  private send(request: LabellingRequest): void {
    this.child.send(request);
  }

  private settle(reply: LabellingReply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if (reply.type === 'labelled') waiting?.resolve(reply.batch);
    else waiting?.reject(fromRecord(reply.error));
  }

  private lose(error: Error): void {
    this.lost ??= error;
    for (const { reject } of this.waiting.values()) reject(this.lost);
    this.waiting.clear();
  }
}
