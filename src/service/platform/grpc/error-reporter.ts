import { interfaceToken } from '../provide.js';

/** It is told of errors that clients must not see; injected under {@link ERROR_REPORTER}. */
export interface ErrorReporter {
  /** Logs defects; expected failures are the client's business and only counted. */
  report(error: unknown): void;
}

export const ERROR_REPORTER = interfaceToken<ErrorReporter>('ErrorReporter');
