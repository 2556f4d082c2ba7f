import type { CallEnd, CallRecord } from './call-record.js';

/** Is told of a call when it has ended. Must not throw. */
export type CallObserver = (call: CallRecord, end: CallEnd) => void;

/** All that are told of calls, in the order in which they were added. */
export class CallObservers {
  private readonly observers: CallObserver[] = [];

  add(observer: CallObserver): void {
    this.observers.push(observer);
  }

  /** Adds one that notes something of the call that others are to be told of. */
  addFirst(observer: CallObserver): void {
    this.observers.unshift(observer);
  }

  /** Ends the call, once. */
  end(call: CallRecord, code: string, reason: string | undefined): void {
    const end = call.end(code, reason);
    if (end !== undefined) for (const observer of this.observers) observer(call, end);
  }
}
