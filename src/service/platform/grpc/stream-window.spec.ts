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
  serveStream(serve, { answer: () => Promise.resolve('answer') });
  send();
  await vi.advanceTimersByTimeAsync(1);
  expect(stream).toMatchObject({ written: 8, isPaused: false });
});

it('reads nothing for a while after an answer that says to come later', async () => {
  const { stream, send, serve } = streamOfMany();
  serveStream(serve, { answer: () => Promise.resolve('later'), restMs: () => 500 });
  send();
  await vi.advanceTimersByTimeAsync(499);
  expect(stream).toMatchObject({ written: 8, isPaused: true });
  await vi.advanceTimersByTimeAsync(2);
  expect(stream.isPaused).toBe(false);
});

it('keeps one request, and reads no other, until there is room for it', async () => {
  const { stream, send, serve } = streamOfMany();
  let places = 3;
  serveStream(serve, { answer: () => Promise.resolve('answer'), hasRoom: () => places-- > 0 });
  send();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(stream).toMatchObject({ written: 3, isPaused: true });
  places = 1;
  await vi.advanceTimersByTimeAsync(50);
  expect(stream).toMatchObject({ written: 4, isPaused: false });
});

it('waits no longer for room for a client that has gone', async () => {
  const { stream, send, serve } = streamOfMany();
  const answer = vi.fn(() => Promise.resolve('nobody hears it'));
  serveStream(serve, { answer, hasRoom: () => false });
  send();
  stream.cancelled = true;
  await vi.advanceTimersByTimeAsync(50);
  expect(answer).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
