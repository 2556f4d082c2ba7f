import { type ArgumentsHost, Catch, type ExceptionFilter, Inject } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';
import { ERROR_REPORTER, type ErrorReporter } from './error-reporter.js';
import { statusReply } from './rich-status.js';

/** Turns whatever a handler throws into a gRPC status with machine-readable details. */
@Catch()
export class FailureFilter implements ExceptionFilter {
  constructor(@Inject(ERROR_REPORTER) private readonly errors: ErrorReporter) {}

  catch(exception: unknown, host: ArgumentsHost): Observable<never> {
    // The HTTP side has Nest's own filter; this one is bound to the gRPC controllers only.
    if (host.getType() !== 'rpc') throw exception;
    this.errors.report(exception);
    return throwError(() => statusReply(exception));
  }
}
