import type { ServerDuplexStream } from '@grpc/grpc-js';

/** How many requests of one stream are worked on at a time. */
const windowSize = 8;

/**
 * Answers each request of a bidirectional stream, in order of completion. Reading pauses while the window is
 * full or the client does not read its answers, so one stream takes bounded memory.
 * @param answer must not reject: failures belong into the response
 * @param restMs how long nothing is read after an answer: one that says to come later costs as much to receive as any
 */
export function serveStream<Request, Response>(
  stream: ServerDuplexStream<Request, Response>,
  answer: (request: Request) => Promise<Response>,
  restMs: (response: Response) => number = () => 0,
): void {
  let inFlight = 0;
  let ended = false;
  let blocked = false;
  let rest: NodeJS.Timeout | undefined;

  const adjust = (): void => {
    if (blocked || rest !== undefined || inFlight >= windowSize) stream.pause();
    else stream.resume();
    if (ended && inFlight === 0) stream.end();
  };
  stream.on('drain', () => {
    blocked = false;
    adjust();
  });
  stream.on('end', () => {
    ended = true;
    adjust();
  });
  // A client that goes away mid-stream is no defect: its work is cancelled by the call's signal.
  stream.on('error', () => undefined);
  stream.on('data', (request: Request) => {
    inFlight++;
    adjust();
    void answer(request).then((response) => {
      inFlight--;
      if (!stream.cancelled && !stream.write(response)) blocked = true;
      if (restMs(response) > 0) {
        clearTimeout(rest);
        rest = setTimeout(() => {
          rest = undefined;
          adjust();
        }, restMs(response));
      }
      adjust();
    });
  });
}
