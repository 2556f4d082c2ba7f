import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endInAnyCase } from './last-resort.js';

describe('endInAnyCase', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends a process half a minute after it should have ended, and says what it held', () => {
    const [told, exit] = [vi.fn(), vi.fn()];
    endInAnyCase(5_000, told, exit);
    vi.advanceTimersByTime(34_900);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
    expect(told.mock.lastCall?.[0]).toMatch(/not ended 35 s after .* It still held: /u);
  });
});
