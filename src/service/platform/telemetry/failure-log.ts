import { Failure } from '../../../core/failure.js';
import type { ErrorReporter } from '../grpc/error-reporter.js';
import type { Logger } from './logger.js';

/** Logs what clients are not told: the defects. */
export class FailureLog implements ErrorReporter {
  constructor(private readonly logger: Logger) {}

  report(error: unknown): void {
    if (error instanceof Failure) {
      this.logger.debug({ reason: error.reason }, error.message);
      return;
    }
    this.logger.error({ err: error }, 'a call failed unexpectedly');
  }
}
