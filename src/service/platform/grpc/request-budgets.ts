import { Failure } from '../../../core/failure.js';
import type { Configuration } from '../configuration/configuration.js';
import { SharedBudget } from './shared-budget.js';

/** What the calls of a gateway share: how many there may be at a time, and what their requests may take. */
export class RequestBudgets {
  readonly calls: SharedBudget;
  /** Of requests, from the first byte on until they are answered; of uploads, those of which no whole message has come. */
  readonly bytes: SharedBudget;

  constructor({
    maximumCalls,
    maximumRequestBytes,
  }: Pick<Configuration, 'maximumCalls' | 'maximumRequestBytes'>) {
    this.calls = new SharedBudget(maximumCalls);
    this.bytes = new SharedBudget(maximumRequestBytes);
  }
}

/** @param budget of which the caller has too much */
export function tooManyCalls({ capacity }: SharedBudget): Failure {
  return new Failure(
    'OVERLOADED',
    'More calls are open than the service takes, in all or of one client. Wait for answers, or end streams and watches.',
    { maximum_calls: String(capacity) },
  );
}

/** @param budget of which the caller has too much */
export function tooManyBytes({ capacity }: SharedBudget): Failure {
  return new Failure(
    'OVERLOADED',
    'More bytes of requests are on their way than the service takes, in all or of one client. Send fewer at a time.',
    { maximum_bytes: String(capacity) },
  );
}
