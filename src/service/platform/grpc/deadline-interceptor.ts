import { type ServerInterceptor, ServerInterceptingCall } from '@grpc/grpc-js';
import { Failure } from '../../../core/failure.js';
import { statusReply } from './rich-status.js';

/**
 * Answers calls that bring no deadline of their own within the default one, whatever they wait for: authentication and the
 * database included. Streams have none: watchers and long uploads take as long as they take.
 */
export function deadlineInterceptor(defaultDeadlineMs: number): ServerInterceptor {
  return ({ requestStream, responseStream }, call) => {
    if (requestStream || responseStream || Number.isFinite(Number(call.getDeadline()))) {
      return new ServerInterceptingCall(call);
    }
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      const message = `The call was not answered within ${defaultDeadlineMs} ms, which calls without a deadline have.`;
      call.sendStatus(statusReply(new Failure('DEADLINE_EXCEEDED', message)));
    }, defaultDeadlineMs);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onCancel: () => {
            clearTimeout(timer);
          },
        });
      },
      // What comes after the deadline has nobody to go to.
      sendMetadata: (metadata, next) => {
        if (!isOver) next(metadata);
      },
      sendMessage: (message, next) => {
        if (!isOver) next(message);
      },
      sendStatus: (reply, next) => {
        clearTimeout(timer);
        if (!isOver) next(reply);
      },
    });
  };
}
