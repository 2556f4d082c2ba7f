import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { feature } from '../platform/provide.js';
import { serveConsole } from './serve-console.js';

/** The console's page and what it loads, on the HTTP port. */
@Module(feature({ providers: [] }))
export class ConsoleModule implements OnModuleInit {
  constructor(@Inject(HttpAdapterHost) private readonly host: HttpAdapterHost) {}

  /** Before Nest's own answer to unknown addresses, which is set up after the modules. */
  onModuleInit(): void {
    serveConsole(this.host.httpAdapter);
  }
}
