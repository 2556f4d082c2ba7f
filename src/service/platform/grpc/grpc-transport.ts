import { ReflectionService } from '@grpc/reflection';
import { type Server, ServerCredentials, type ServerInterceptor } from '@grpc/grpc-js';
import { type GrpcOptions, Transport } from '@nestjs/microservices';
import { HealthImplementation } from 'grpc-health-check';
import {
  contractServices,
  loadContract,
  maximumMessageBytes,
  SYMFACE_PACKAGE,
} from '../../../contract/contract.js';
import { reflectedContract } from './reflected-contract.js';

/** The services that grpc.health.v1 answers for; '' is the server as a whole. */
function healthNames(): readonly string[] {
  return ['', ...contractServices().keys()];
}

/** One gRPC server, once Nest has made it: its standard health service, and its end. */
export class GrpcEndpoint {
  private server: Server | undefined;
  private readonly health = new HealthImplementation(
    Object.fromEntries(healthNames().map((name) => [name, 'NOT_SERVING' as const])),
  );

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

  setServing(serving: boolean): void {
    for (const name of healthNames()) {
      this.health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
    }
  }

  attach(server: Server): void {
    this.server = server;
    this.health.addToServer(server);
    new ReflectionService(reflectedContract()).addToServer(server);
  }

  /** Ends every connection at once, with the calls that are left on it. */
  disconnect(): void {
    this.server?.forceShutdown();
  }
}

/** Options of the Nest gRPC transport: contract, limits, keep-alive, health and reflection. */
export function grpcTransport(
  address: string,
  endpoint: GrpcEndpoint,
  /** The first is nearest to the wire. */
  interceptors: readonly ServerInterceptor[],
  credentials: ServerCredentials,
): GrpcOptions {
  return {
    transport: Transport.GRPC,
    options: {
      url: address,
      credentials,
      package: SYMFACE_PACKAGE,
      packageDefinition: loadContract(),
      maxReceiveMessageLength: maximumMessageBytes,
      maxSendMessageLength: maximumMessageBytes,
      gracefulShutdown: true,
      keepalive: {
        // A client that vanished without closing is noticed within 40 s.
        keepaliveTimeMs: 30_000,
        keepaliveTimeoutMs: 10_000,
        keepalivePermitWithoutCalls: 1,
      },
      channelOptions: { interceptors: [...interceptors] },
      onLoadPackageDefinition: (_definition: unknown, server: Server) => {
        endpoint.attach(server);
      },
    },
  };
}
