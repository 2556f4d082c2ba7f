import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { Failure } from '../../../core/failure.js';
import { fromRecord } from '../../../core/failure-record.js';
import type { NumberedKeys } from '../../../storage/encryption/secret-box.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';
import type { SealedTemplate } from './gallery-source.js';
import type {
  GalleryReply,
  GalleryRequest,
  GalleryReplyMessage,
  GalleryRequestMessage,
} from './gallery-protocol.js';

const defaultEntryPoint = fileURLToPath(new URL('./gallery-thread.js', import.meta.url));

interface Waiting {
  readonly resolve: (reply: GalleryReply) => void;
  readonly reject: (error: Error) => void;
}

/** The gallery's thread, as seen from the gateway: started when first needed, and again after it has died. */
export class GalleryWorker {
  private thread: Worker | undefined;
  private readonly waiting = new Map<number, Waiting>();
  private nextId = 1;

  /**
   * @param keys what opens templates
   * @param onLost told when the thread has died and its indexes with it
   */
  constructor(
    private readonly keys: Pick<DataKeys, 'toOpen'>,
    private readonly onLost: (error: Error) => void,
    private readonly entryPoint: string = defaultEntryPoint,
  ) {}

  /** @throws Failure WORKER_LOST where the thread dies, of the keys; Error where it refuses the request */
  async ask(request: GalleryRequest): Promise<GalleryReply> {
    const keys = request.type === 'change' ? await this.keysOf(request.added) : undefined;
    const thread = (this.thread ??= this.start());
    const message: GalleryRequestMessage = { id: this.nextId++, request, keys };
    return new Promise((resolve, reject) => {
      this.waiting.set(message.id, { resolve, reject });
      thread.postMessage(message);
    });
  }

  async close(): Promise<void> {
    const { thread } = this;
    this.thread = undefined;
    await thread?.terminate();
  }

  private async keysOf(templates: readonly SealedTemplate[]): Promise<NumberedKeys> {
    return (await this.keys.toOpen(templates.map(({ sealed }) => sealed))).numbered;
  }

  private start(): Worker {
    const thread = new Worker(this.entryPoint);
    thread.unref();
    thread.on('message', (reply: GalleryReplyMessage) => {
      const waiting = this.waiting.get(reply.id);
      this.waiting.delete(reply.id);
      if ('reply' in reply) waiting?.resolve(reply.reply);
      else waiting?.reject(fromRecord(reply.error));
    });
    let cause: Error | undefined;
    thread.on('error', (error: Error) => {
      cause = error;
    });
    thread.on('exit', (exitCode) => {
      if (this.thread !== thread) return;
      this.thread = undefined;
      this.lose(new Error(`the gallery's thread ended with ${exitCode}`, { cause }));
    });
    return thread;
  }

  private lose(error: Error): void {
    const lost = [...this.waiting.values()];
    this.waiting.clear();
    this.onLost(error);
    for (const { reject } of lost) {
      reject(
        new Failure('WORKER_LOST', 'The search ended unexpectedly. Try again.', {}, [], { cause: error }),
      );
    }
  }
}
