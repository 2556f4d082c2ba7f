import { Controller, Get, Header, HttpException, HttpStatus, Inject } from '@nestjs/common';
import { Readiness } from '../readiness.js';
import { Metrics } from '../telemetry/metrics.js';

/** The small HTTP port: for probes and scrapers, not for clients. */
@Controller()
export class OperationsController {
  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) private readonly metrics: Metrics,
  ) {}

  /** The process lives: its event loop answers. */
  @Get('healthz')
  health(): { readonly status: string } {
    return { status: 'ok' };
  }

  /** Calls are served: 200; models are loading, the database does not answer or the service is draining: 503. */
  @Get('readyz')
  async ready(): Promise<{ readonly status: string }> {
    if (!(await this.readiness.isReady())) {
      throw new HttpException({ status: 'not ready' }, HttpStatus.SERVICE_UNAVAILABLE);
    }
    return { status: 'ready' };
  }

  /** Prometheus text format. */
  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    return this.metrics.registry.metrics();
  }
}
