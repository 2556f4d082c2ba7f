import {
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Client, credentials } from '@grpc/grpc-js';
import { maximumMessageBytes } from '../../contract/contract.js';
import { AccessModule } from '../access/access.module.js';
import { Authenticate } from '../access/keys/authenticate.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import { CallObservers } from '../platform/telemetry/call-observers.js';
import { recordHttpCalls } from '../platform/http/bridge/http-call.js';
import { bridgeHandler } from '../platform/http/bridge/bridge-handler.js';
import { bodyLimits } from '../platform/http/bridge/body-limits.js';
import { RequestBudgets } from '../platform/grpc/request-budgets.js';
import { callerCheck } from '../platform/http/bridge/caller-check.js';
import { ERROR_REPORTER, type ErrorReporter } from '../platform/grpc/error-reporter.js';
import { CONFIGURATION } from '../platform/process-context.js';
import { interfaceToken, provide } from '../platform/provide.js';
import { keyCheck } from './key-check.js';
import { serveConsole } from './serve-console.js';

const GRPC_CLIENT = interfaceToken<Client>('GrpcClient');

/** What browsers and `curl` reach on the HTTP port: the calls of the contract, and the console. */
@Module({})
export class HttpApiModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(CONFIGURATION) private readonly configuration: Configuration,
    @Inject(GRPC_CLIENT) private readonly client: Client,
    @Inject(Authenticate) private readonly authenticate: Authenticate,
    @Inject(CallObservers) private readonly observers: CallObservers,
    @Inject(ERROR_REPORTER) private readonly errors: ErrorReporter,
    @Inject(RequestBudgets) private readonly budgets: RequestBudgets,
  ) {}

  /** @param innerGrpcAddress where this process's gRPC service listens for it */
  static of(innerGrpcAddress: string): DynamicModule {
    const options = {
      'grpc.max_receive_message_length': maximumMessageBytes,
      'grpc.max_send_message_length': maximumMessageBytes,
    };
    return {
      module: HttpApiModule,
      imports: [AccessModule],
      providers: [
        provide(GRPC_CLIENT, [], () => new Client(innerGrpcAddress, credentials.createInsecure(), options)),
      ],
    };
  }

  /** Before Nest's own answer to unknown addresses, which is set up after the modules. */
  onModuleInit(): void {
    const { httpAdapter } = this.host;
    httpAdapter.getInstance<{ disable(setting: string): void }>().disable('x-powered-by');
    httpAdapter.use(recordHttpCalls(this.observers));
    httpAdapter.use(callerCheck(this.configuration));
    if (this.configuration.authentication === 'api-key')
      httpAdapter.use(keyCheck(this.authenticate, this.errors));
    httpAdapter.use(bodyLimits(this.budgets, this.configuration.receiveTimeoutMs, this.errors));
    httpAdapter.use(bridgeHandler(this.client));
    serveConsole(httpAdapter);
  }

  onApplicationShutdown(): void {
    this.client.close();
  }
}
