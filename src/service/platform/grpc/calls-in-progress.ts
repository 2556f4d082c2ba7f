import { type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import { Failure } from '../../../core/failure.js';
import { endCall } from './end-call.js';

/** The path of the standard health service's watch, which never ends by itself. */
const healthWatchPath = '/grpc.health.v1.Health/Watch';

interface OpenCall {
  /** Whether nothing is owed to the client: it has yet to send, or only listens for what may come. */
  readonly waitsForClient: () => boolean;
  readonly end: (failure: Failure) => void;
}

/**
 * The calls that are open, and which of them only wait for their client: requests of which a part is still to come, streams
 * whose requests are all answered, watchers of health. Those do not hold a shutdown, and requests do not stay unfinished
 * for ever.
 */
export class CallsInProgress {
  private readonly calls = new Set<OpenCall>();
  private draining = false;
  private onEmpty: () => void = () => undefined;

  /** @param receiveTimeoutMs how long a request, or the next part of an upload, may take to come */
  constructor(private readonly receiveTimeoutMs: number) {}

  /**
   * Ends the calls that wait for their clients, now and as soon as others do; calls at work are left to end.
   * Resolves when each is ended, or answered and the answer taken.
   */
  async drain(): Promise<void> {
    this.draining = true;
    for (const call of this.calls) this.endIfWaiting(call);
    await new Promise<void>((resolve) => {
      this.onEmpty = resolve;
      this.forget(undefined);
    });
  }

  /** Ends the calls that are left with SHUTTING_DOWN: those at work too. */
  endAll(): void {
    for (const call of this.calls) call.end(shuttingDown());
  }

  readonly interceptor: ServerInterceptor = ({ path, requestStream, responseStream }, call) => {
    let [received, sent] = [0, 0];
    let [isRequestWhole, isOver] = [false, false];
    const waitsForClient = (): boolean => {
      if (path === healthWatchPath) return true;
      if (isRequestWhole) return false;
      if (requestStream && responseStream) return received === sent;
      return requestStream || received === 0;
    };
    const close = (): void => {
      isOver = true;
      clearTimeout(timer);
    };
    const open: OpenCall = {
      waitsForClient,
      end: (failure) => {
        if (isOver) return;
        close();
        this.forget(open);
        endCall(call, failure);
      },
    };
    // Streams both ways may be idle: they take no memory then.
    const isTimed = !(requestStream && responseStream);
    const timer = setTimeout(() => {
      open.end(this.notReceived());
    }, this.receiveTimeoutMs);
    if (!isTimed) clearTimeout(timer);
    const onReceived = (): void => {
      received++;
      if (requestStream && isTimed) timer.refresh();
      else clearTimeout(timer);
    };
    this.calls.add(open);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMessage: (message, proceed) => {
            onReceived();
            if (!isOver) proceed(message);
          },
          onReceiveHalfClose: (proceed) => {
            isRequestWhole = true;
            clearTimeout(timer);
            proceed();
          },
          // Comes with the end of every call, whatever it was.
          onCancel: () => {
            close();
            this.forget(open);
          },
        });
        // It is taken no more.
        if (this.draining) open.end(shuttingDown());
      },
      // What comes after a call was ended has nobody to go to.
      sendMetadata: (metadata, next) => {
        if (!isOver) next(metadata);
      },
      sendMessage: (message, next) => {
        if (isOver) return;
        sent++;
        next(message);
        this.endIfWaiting(open);
      },
      sendStatus: (reply, next) => {
        if (isOver) return;
        close();
        next(reply);
      },
    });
  };

  private forget(call: OpenCall | undefined): void {
    if (call !== undefined) this.calls.delete(call);
    if (this.calls.size === 0) this.onEmpty();
  }

  private endIfWaiting(call: OpenCall): void {
    if (!this.draining || !call.waitsForClient()) return;
    // Once the answer that may be on its way to the wire is there.
    setImmediate(() => {
      if (call.waitsForClient()) call.end(shuttingDown());
    });
  }

  private notReceived(): Failure {
    const message = `The request did not come within ${this.receiveTimeoutMs} ms. Send smaller images, or send faster.`;
    return new Failure('DEADLINE_EXCEEDED', message);
  }
}

function shuttingDown(): Failure {
  const message = 'The service is shutting down. Call again: another replica, or this one once it is back.';
  return new Failure('SHUTTING_DOWN', message);
}
