import { EventEmitter } from 'node:events';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serveStream } from './stream-window.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A stream whose client sends without end while it is read. */
function streamOfMany() {
  const stream = Object.assign(new EventEmitter(), {
    cancelled: false,
    isPaused: false,
    written: 0,
    write: () => {
      stream.written++;
      return true;
    },
    pause: () => {
      stream.isPaused = true;
    },
    resume: () => {
      stream.isPaused = false;
    },
    end: vi.fn(),
  });
  const send = (): void => {
    while (!stream.isPaused) stream.emit('data', 'request');
  };
  return { stream, send, serve: stream as unknown as ServerDuplexStream<string, string> };
}

it('reads on as soon as a request is answered', async () => {
  const { stream, send, serve } = streamOfMany();
  serveStream(serve, () => Promise.resolve('answer'));
  send();
  await vi.advanceTimersByTimeAsync(1);
  expect(stream).toMatchObject({ written: 8, isPaused: false });
});

it('reads nothing for a while after an answer that says to come later', async () => {
  const { stream, send, serve } = streamOfMany();
  serveStream(
    serve,
    () => Promise.resolve('later'),
    () => 500,
  );
  send();
  await vi.advanceTimersByTimeAsync(499);
  expect(stream).toMatchObject({ written: 8, isPaused: true });
  await vi.advanceTimersByTimeAsync(2);
  expect(stream.isPaused).toBe(false);
});
