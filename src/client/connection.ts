import { readFileSync } from 'node:fs';
import {
  type CallOptions,
  type ChannelCredentials,
  type ClientReadableStream,
  credentials,
  Metadata,
  type requestCallback,
  type ServiceError,
} from '@grpc/grpc-js';
import { RemoteFailure } from './remote-failure.js';

const maximumMessageBytes = 16 * 1024 * 1024;

/** Files of a TLS connection; all optional, the system's authorities are trusted where none is named. */
export interface ClientTls {
  readonly caFile?: string | undefined;
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

export interface SymFaceClientOptions {
  /** `host:port` */
  readonly server: string;
  /** How long one call may take, from its start to its answer. */
  readonly timeoutMs: number;
  readonly apiKey?: string | undefined;
  /** Plaintext where undefined. */
  readonly tls?: ClientTls | undefined;
}

/** What the clients of all services of one server share. */
export class Connection {
  readonly server: string;
  readonly credentials: ChannelCredentials;
  readonly channelOptions = { 'grpc.max_receive_message_length': maximumMessageBytes };

  constructor(private readonly options: SymFaceClientOptions) {
    this.server = options.server;
    this.credentials = channelCredentials(options.tls);
  }

  /** For one call. */
  metadata(): Metadata {
    const metadata = new Metadata();
    const { apiKey } = this.options;
    if (apiKey !== undefined) metadata.set('authorization', `Bearer ${apiKey}`);
    return metadata;
  }

  /** For one call. */
  callOptions(): CallOptions {
    return { deadline: Date.now() + this.options.timeoutMs };
  }

  /** A unary call; rejects with a {@link RemoteFailure}. */
  call<Response>(
    start: (metadata: Metadata, options: CallOptions, done: requestCallback<Response>) => unknown,
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      start(this.metadata(), this.callOptions(), settle(resolve, reject));
    });
  }

  /** What a server sends, however long that takes; throws a {@link RemoteFailure}. Given up, the call is cancelled. */
  async *responses<Response>(
    start: (metadata: Metadata) => ClientReadableStream<Response>,
  ): AsyncGenerator<Response> {
    const stream = start(this.metadata());
    try {
      for await (const response of stream) yield response as Response;
    } catch (error) {
      const isServiceError = error instanceof Error && 'metadata' in error && 'details' in error;
      throw isServiceError ? RemoteFailure.fromServiceError(error as ServiceError) : error;
    } finally {
      stream.cancel();
    }
  }
}

export function settle<Response>(
  resolve: (response: Response) => void,
  reject: (error: Error) => void,
): requestCallback<Response> {
  return (error: ServiceError | null, response?: Response) => {
    if (error) reject(RemoteFailure.fromServiceError(error));
    else if (response === undefined) reject(new Error('The call ended without an answer.'));
    else resolve(response);
  };
}

/** @throws Error where a file cannot be read */
function channelCredentials(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const read = (file: string | undefined): Buffer | null => (file === undefined ? null : readFileSync(file));
  return credentials.createSsl(read(tls.caFile), read(tls.keyFile), read(tls.certificateFile));
}
