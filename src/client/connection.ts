import { readFileSync } from 'node:fs';
import {
  type CallOptions as CallSettings,
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
} from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { maximumMessageBytes } from '../contract/contract.js';
import { oneAnswer, send, streamedAnswers } from './answers.js';
import type { CallOptions, ClientTls, SymFaceClientOptions } from './client-options.js';
import type { Requests } from './service-methods.js';

const defaultTimeoutMs = 30_000;

/** A method of whatever messages. */
export type AnyMethod = MethodDefinition<object, object>;

/** The calls to one server, in the four forms that gRPC knows. */
export class Connection {
  private readonly client: Client;
  private readonly timeoutMs: number;
  private readonly apiKey: string | undefined;

  /** @throws Error where a TLS file cannot be read */
  constructor({ server, apiKey, tls, timeoutMs = defaultTimeoutMs }: SymFaceClientOptions) {
    const channelOptions = { 'grpc.max_receive_message_length': maximumMessageBytes };
    this.client = new Client(server, channelCredentials(tls), channelOptions);
    this.timeoutMs = timeoutMs;
    this.apiKey = apiKey;
  }

  unary(method: AnyMethod, request: object, options: CallOptions = {}): Promise<object> {
    const { path, requestSerialize: serialize, responseDeserialize: deserialize } = method;
    const settings = settingsFor(options.timeoutMs ?? this.timeoutMs);
    return oneAnswer(options.signal, (done) =>
      this.client.makeUnaryRequest(path, serialize, deserialize, request, this.metadata(), settings, done),
    );
  }

  clientStream(method: AnyMethod, requests: Requests<object>, options: CallOptions = {}): Promise<object> {
    const { path, requestSerialize: serialize, responseDeserialize: deserialize } = method;
    const settings = settingsFor(options.timeoutMs ?? this.timeoutMs);
    return oneAnswer(options.signal, (done) => {
      const call = this.client.makeClientStreamRequest<object, object>(
        path,
        serialize,
        deserialize,
        this.metadata(),
        settings,
        (error, response) => {
          done(error, response);
          // Where the server answers early, the rest is not sent.
          call.destroy();
        },
      );
      send(requests, call, done);
      return call;
    });
  }

  serverStream(
    method: AnyMethod,
    request: object,
    options: CallOptions = {},
  ): AsyncGenerator<object, void, undefined> {
    const { path, requestSerialize: serialize, responseDeserialize: deserialize } = method;
    return streamedAnswers(options.signal, () => {
      const settings = settingsFor(options.timeoutMs);
      return this.client.makeServerStreamRequest(
        path,
        serialize,
        deserialize,
        request,
        this.metadata(),
        settings,
      );
    });
  }

  duplex(
    method: AnyMethod,
    requests: Requests<object>,
    options: CallOptions = {},
  ): AsyncGenerator<object, void, undefined> {
    const { path, requestSerialize: serialize, responseDeserialize: deserialize } = method;
    return streamedAnswers(options.signal, () => {
      const settings = settingsFor(options.timeoutMs);
      const call = this.client.makeBidiStreamRequest(path, serialize, deserialize, this.metadata(), settings);
      // What goes wrong with a request destroys the call, and with it the answers.
      send(requests, call, () => undefined);
      return call;
    });
  }

  close(): void {
    this.client.close();
  }

  /** The metadata of one call. */
  private metadata(): Metadata {
    const metadata = new Metadata();
    if (this.apiKey !== undefined) metadata.set('authorization', `Bearer ${this.apiKey}`);
    return metadata;
  }
}

/** The settings of one call that begins now. */
function settingsFor(timeoutMs: number | undefined): CallSettings {
  return timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
}

/** @throws Error where a file cannot be read */
function channelCredentials(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const read = (file: string | undefined): Buffer | null => (file === undefined ? null : readFileSync(file));
  return credentials.createSsl(read(tls.caFile), read(tls.keyFile), read(tls.certificateFile));
}
