import { Client, credentials, Metadata, status } from '@grpc/grpc-js';

/** How a call ended. */
export interface RawOutcome {
  /** The name of the status. */
  readonly code: string;
  readonly details: string;
  readonly ms: number;
  /** `ErrorInfo.reason`, as far as the trailer shows one. */
  readonly reason: string | undefined;
}

const bytes = (value: Buffer): Buffer => value;

/** Calls methods with bytes that need not be messages of the contract. */
export class RawCaller {
  private readonly client: Client;

  constructor(
    address: string,
    private readonly apiKey: string,
  ) {
    // A connection of its own: channels of one process to one address would share theirs.
    this.client = new Client(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': -1,
      'grpc.max_send_message_length': -1,
    });
  }

  /**
   * Calls a method, which may be of any form: on the wire a call of one message is a stream of one. Only the end is waited for.
   * @param headers in the place of the key's
   */
  async call(
    path: string,
    messages: readonly Uint8Array[],
    deadlineMs = 20_000,
    headers?: Metadata,
  ): Promise<RawOutcome> {
    const beginMs = performance.now();
    const call = this.client.makeBidiStreamRequest(path, bytes, bytes, headers ?? this.metadata(), {
      deadline: Date.now() + deadlineMs,
    });
    return new Promise((resolve) => {
      call.on('data', () => undefined);
      call.on('error', () => undefined);
      call.on('status', ({ code, details, metadata }) => {
        const trailer = String(metadata.get('grpc-status-details-bin')[0] ?? '');
        resolve({
          code: status[code],
          details,
          ms: performance.now() - beginMs,
          reason: /[A-Z][A-Z_]{4,}[A-Z]/u.exec(trailer)?.[0],
        });
      });
      for (const message of messages) call.write(Buffer.from(message));
      call.end();
    });
  }

  close(): void {
    this.client.close();
  }

  private metadata(): Metadata {
    const metadata = new Metadata();
    if (this.apiKey !== '') metadata.set('authorization', `Bearer ${this.apiKey}`);
    return metadata;
  }
}

/** Codes that a mistake of the caller's must never come to. */
const ownFaults: ReadonlySet<string> = new Set([
  'INTERNAL',
  'UNKNOWN',
  'UNAVAILABLE',
  'DATA_LOSS',
  'ABORTED',
]);

/** Whether the service took the blame for what a caller sent, or never answered it. */
export function isOwnFault({ code }: RawOutcome): boolean {
  return ownFaults.has(code) || code === 'DEADLINE_EXCEEDED';
}
