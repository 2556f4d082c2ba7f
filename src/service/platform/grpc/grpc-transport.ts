import { ReflectionService } from '@grpc/reflection';
import { type Server, ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';
import { type GrpcOptions, Transport } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import { CallsInProgress } from './calls-in-progress.js';
import { type ConnectionLimits, Connections } from './connections.js';
import {
  contractServices,
  loadContract,
  maximumMessageBytes,
  SYMFACE_PACKAGE,
} from '../../../contract/contract.js';
import { withMessageSizes } from './message-sizes.js';
import { reflectedContract } from './reflected-contract.js';

/** The services that grpc.health.v1 answers for; '' is the server as a whole. */
function healthNames(): readonly string[] {
  return ['', ...contractServices().keys()];
}

/** What a client has to answer the end of its connection, and the last that was written to be sent. */
const cutAfterMs = 500;

interface BoundPort {
  /** 0 of a Unix socket. */
  readonly portNumber: number;
}

/** One gRPC server, once Nest has made it: its standard health service, and its end. */
export class GrpcEndpoint {
  private server: Server | undefined;
  private readonly calls: CallsInProgress;
  private readonly connections: Connections;
  private readonly health = new HealthImplementation(
    Object.fromEntries(healthNames().map((name) => [name, 'NOT_SERVING' as const])),
  );

  /**
   * @param receiveTimeoutMs how long a request, or the next part of an upload, may take to come
   * @param limits of the connections at each address
   */
  constructor(receiveTimeoutMs: number, limits: ConnectionLimits = {}) {
    this.calls = new CallsInProgress(receiveTimeoutMs);
    this.connections = new Connections(limits);
  }

  /** Knows which calls are open, once the server has it. */
  get interceptor(): ServerInterceptor {
    return this.calls.interceptor;
  }

  /** Has the server listen at a second address, in plaintext. @throws Error where it cannot */
  async listenAt(address: string): Promise<void> {
    const { server } = this;
    if (server === undefined) throw new Error('there is no gRPC server yet');
    await new Promise<void>((resolve, reject) => {
      server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
        if (error === null) resolve();
        else reject(error);
      });
    });
  }

  /**
   * The port that it listens at, which the system chose where 0 was asked for; undefined before. grpc-js 1.14.7 tells whoever
   * binds, and that is Nest.
   */
  get port(): number | undefined {
    const bound = this.server && (Reflect.get(this.server, 'boundPorts') as ReadonlyMap<string, BoundPort>);
    return [...(bound?.values() ?? [])].find(({ portNumber }) => portNumber > 0)?.portNumber;
  }

  setServing(serving: boolean): void {
    for (const name of healthNames()) {
      this.health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    }
  }

  attach(server: Server): void {
    this.server = server;
    this.connections.watch(server);
    this.health.addToServer(server);
    new ReflectionService(reflectedContract()).addToServer(server);
  }

  /** Has every client make its next call on another connection. Resolves when what was on its way has come. */
  async handOver(): Promise<void> {
    await this.connections.handOver();
  }

  /** Ends calls that only wait for their clients, and has those at work answered. Resolves when no call is left. */
  async drain(): Promise<void> {
    await this.calls.drain();
  }

  /** Has the calls that are left fail with SHUTTING_DOWN. */
  endCalls(): void {
    this.calls.endAll();
  }

  /** Ends every connection, with the calls that are left on it; those whose client does not answer that, soon after. */
  disconnect(): void {
    this.server?.forceShutdown();
    setTimeout(() => {
      this.connections.cut();
    }, cutAfterMs).unref();
  }
}

/** Options of the Nest gRPC transport: contract, limits, keep-alive, health and reflection. */
export function grpcTransport(
  address: string,
  endpoint: GrpcEndpoint,
  /** The first is nearest to the wire. */
  interceptors: readonly ServerInterceptor[],
  credentials: ServerCredentials,
  maximumStreams: number,
  keepaliveTimeMs = 30_000,
): GrpcOptions {
  return {
    transport: Transport.GRPC,
    options: {
      url: address,
      credentials,
      package: SYMFACE_PACKAGE,
      packageDefinition: withMessageSizes(loadContract()),
      maxReceiveMessageLength: maximumMessageBytes,
      maxSendMessageLength: maximumMessageBytes,
      gracefulShutdown: true,
      keepalive: {
        // A client that vanished without closing is noticed within 40 s.
        keepaliveTimeMs,
        keepaliveTimeoutMs: 10_000,
        keepalivePermitWithoutCalls: 1,
      },
      channelOptions: {
        interceptors: [...interceptors],
        // Per connection; who opens more waits for an earlier one to end.
        'grpc.max_concurrent_streams': maximumStreams,
      },
      onLoadPackageDefinition: (_definition: unknown, server: Server) => {
        endpoint.attach(server);
      },
    },
  };
}
