import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { memoryReturn } from './memory-return.js';
import { ReturnMemory } from './return-memory.js';

const mebibyte = 2 ** 20;

describe('ReturnMemory', () => {
  let held = 100 * mebibyte;
  const giveBack = vi.fn(() => {
    held = 120 * mebibyte;
  });
  let memory: ReturnMemory;

  beforeEach(() => {
    vi.useFakeTimers();
    giveBack.mockClear();
    held = 100 * mebibyte;
    memory = new ReturnMemory({ bufferBytes: () => held, giveBack, everyMs: 1_000 });
    memory.start();
  });

  afterEach(() => {
    memory.close();
    vi.useRealTimers();
  });

  it('gives back what a burst has left once it is over, and once', () => {
    for (held of [200, 300, 400, 500].map((size) => size * mebibyte)) vi.advanceTimersByTime(1_000);
    expect(giveBack).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(giveBack).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(60_000);
    expect(giveBack).toHaveBeenCalledOnce();
  });

  it('leaves a process alone that holds little more than before', () => {
    held += 90 * mebibyte;
    vi.advanceTimersByTime(60_000);
    expect(giveBack).not.toHaveBeenCalled();
  });

  it('does not try again and again to give back what is in use', () => {
    giveBack.mockImplementationOnce(() => undefined);
    held = 600 * mebibyte;
    vi.advanceTimersByTime(60_000);
    expect(giveBack).toHaveBeenCalledOnce();
  });
});

describe('memoryReturn', () => {
  it('collects buffers that nothing refers to', async () => {
    vi.useRealTimers();
    const giveBack = await memoryReturn();
    giveBack();
    const before = process.memoryUsage().arrayBuffers;
    const fill = (): number => {
      const buffers = Array.from({ length: 64 }, () => Buffer.alloc(mebibyte, 1));
      return buffers.length;
    };
    const count = fill();
    expect(process.memoryUsage().arrayBuffers - before).toBeGreaterThanOrEqual(count * mebibyte);
    await new Promise((resolve) => setImmediate(resolve));
    giveBack();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * mebibyte);
  });
});
