import { type Metadata, type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import type { Failure } from '../../../core/failure.js';
import { originOf } from './call-origin.js';
import { endCall, http2StreamOf } from './end-call.js';
import { AnnouncedMessages } from './announced-messages.js';
import type { ErrorReporter } from './error-reporter.js';
import { type RequestBudgets, tooManyBytes, tooManyCalls } from './request-budgets.js';

/** What one call has of the budgets. */
class CallShare {
  private path: readonly string[] | undefined;
  private readonly messages = new AnnouncedMessages();
  /** Sizes of the messages that have begun to come, oldest first. */
  private readonly arriving: number[] = [];
  /** Bytes of messages that came whole and are worked on, oldest first. */
  private readonly atWork: number[] = [];

  constructor(private readonly budgets: RequestBudgets) {}

  /** @returns why the call cannot be taken */
  begin(metadata: Metadata): Failure | undefined {
    const path = originOf(metadata)?.share?.slice(0, -1) ?? [];
    if (!this.budgets.calls.take(path, 1)) return tooManyCalls(this.budgets.calls);
    this.path = path;
    return undefined;
  }

  /** @returns why the rest of the request cannot be taken */
  received(data: Buffer): Failure | undefined {
    for (const bytes of this.messages.begunIn(data)) {
      if (this.path === undefined) return undefined;
      // All that it says it will be: what is taken can come whole, whoever else begins meanwhile.
      if (!this.budgets.bytes.take(this.path, bytes)) return tooManyBytes(this.budgets.bytes);
      this.arriving.push(bytes);
    }
    return undefined;
  }

  /** @param isKept whether it is held until it is answered */
  messageCame(isKept: boolean): void {
    this.atWork.push(this.arriving.shift() ?? 0);
    if (!isKept) this.answered();
  }

  answered(): void {
    const bytes = this.atWork.shift() ?? 0;
    if (this.path !== undefined) this.budgets.bytes.giveBack(this.path, bytes);
  }

  end(): void {
    const { path } = this;
    if (path === undefined) return;
    this.path = undefined;
    const left = [...this.atWork.splice(0), ...this.arriving.splice(0)].reduce(
      (sum, bytes) => sum + bytes,
      0,
    );
    this.budgets.bytes.giveBack(path, left);
    this.budgets.calls.giveBack(path, 1);
  }
}

/**
 * Refuses calls, and requests that are on their way, of whoever has too many of them at a time. It comes after the
 * authentication, which says whose they are.
 */
export function budgetInterceptor(budgets: RequestBudgets, errors: ErrorReporter): ServerInterceptor {
  return ({ requestStream, responseStream }, call) => {
    const share = new CallShare(budgets);
    const isUpload = requestStream && !responseStream;
    const isStream = requestStream && responseStream;
    let isRefused = false;
    const refuse = (failure: Failure): void => {
      if (isRefused) return;
      isRefused = true;
      share.end();
      errors.report(failure);
      endCall(call, failure);
    };
    const count = (data: Buffer): void => {
      const failure = share.received(data);
      if (failure !== undefined) refuse(failure);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            const failure = share.begin(metadata);
            if (failure === undefined) {
              // It is paused until the first message is asked for, and stays so.
              http2StreamOf(call)?.on('data', count);
              proceed(metadata);
            } else refuse(failure);
          },
          onReceiveMessage: (message, proceed) => {
            share.messageCame(!isUpload);
            if (!isRefused) proceed(message);
          },
          onCancel: () => {
            share.end();
          },
        });
      },
      sendMetadata: (metadata, next) => {
        if (!isRefused) next(metadata);
      },
      sendMessage: (message, next) => {
        if (isRefused) return;
        if (isStream) share.answered();
        next(message);
      },
      sendStatus: (reply, next) => {
        if (!isRefused) next(reply);
      },
    });
  };
}
