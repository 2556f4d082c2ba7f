import { Controller, Get, Header, HttpException, HttpStatus, Inject } from '@nestjs/common';
import { Readiness } from '../readiness.js';
import { Metrics } from '../telemetry/metrics.js';
import { sharedWhileUnderWay } from '../telemetry/shared-while-under-way.js';

/** The small HTTP port, for probes and scrapers and not for clients. */
@Controller()
export class OperationsController {
  /** Who asks while the text is being made has the same. */
  private readonly text: () => Promise<string>;

  constructor(
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(Metrics) { registry }: Metrics,
  ) {
    this.text = sharedWhileUnderWay(async () => registry.metrics());
  }

  /** Answers that the process lives: its event loop does. */
  @Get('healthz')
  health(): { readonly status: string } {
    return { status: 'ok' };
  }

  /**
   * Answers 200 where calls are served, 503 where models are loading, the database does not answer or the service
   * drains, with that cause.
   */
  @Get('readyz')
  async ready(): Promise<{ readonly status: string }> {
    const cause = await this.readiness.hindrance();
    if (cause !== undefined) {
      throw new HttpException({ status: 'not ready', cause }, HttpStatus.SERVICE_UNAVAILABLE);
    }
    return { status: 'ready' };
  }

  /** Answers all metrics in the text format of Prometheus. */
  @Get('metrics')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  async scrape(): Promise<string> {
    return this.text();
  }
}
