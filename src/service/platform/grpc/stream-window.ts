import type { ServerDuplexStream } from '@grpc/grpc-js';

/** How many requests of one stream are worked on at a time. */
const windowSize = 8;
/** How long until it is asked again whether there is room for a request. */
const roomAskedAfterMs = 50;
/** What grpc-js 1.14 has no setting for: a stream takes 16 messages ahead, photographs too, also while nobody reads it. */
const messagesReadAhead = 1;

/** How a stream is served. */
export interface StreamService<Request, Response> {
  /** Must not reject: failures belong into the response. */
  readonly answer: (request: Request) => Promise<Response>;
  /** Whether a request would be worked on now: until it would, it waits, and nothing more is read. */
  readonly hasRoom?: () => boolean;
  /** How long nothing is read after an answer: one that says to come later costs as much to receive as any. */
  readonly restMs?: (response: Response) => number;
}

/**
 * Answers each request of a bidirectional stream, in order of completion. Reading pauses while the window is
 * full, there is no room for what was read last, or the client does not read its answers, so one stream takes bounded memory.
 */
export function serveStream<Request, Response>(
  stream: ServerDuplexStream<Request, Response>,
  { answer, hasRoom = () => true, restMs = () => 0 }: StreamService<Request, Response>,
): void {
  let inFlight = 0;
  let ended = false;
  let blocked = false;
  let waiting = 0;
  let rest: NodeJS.Timeout | undefined;

  const adjust = (): void => {
    if (blocked || waiting > 0 || rest !== undefined || inFlight >= windowSize) stream.pause();
    else stream.resume();
    if (ended && inFlight === 0) stream.end();
  };
  const room = async (): Promise<void> => {
    waiting++;
    adjust();
    while (!hasRoom() && !stream.cancelled)
      await new Promise((resolve) => setTimeout(resolve, roomAskedAfterMs));
    waiting--;
  };
  const answered = (response: Response): void => {
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
  };
  readLittleAhead(stream);
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
    const answering = hasRoom() ? answer(request) : room().then(async () => answer(request));
    void answering.then(answered);
    adjust();
  });
}

function readLittleAhead(stream: object): void {
  const state: unknown = Reflect.get(stream, '_readableState');
  if (typeof state === 'object' && state !== null) Reflect.set(state, 'highWaterMark', messagesReadAhead);
}
