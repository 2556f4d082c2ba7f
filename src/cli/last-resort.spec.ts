import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endInAnyCase, endOnceClosed } from './last-resort.js';

describe('endInAnyCase', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('ends a process a minute and a little after its calls should have ended, and says what it held', () => {
    const [told, exit] = [vi.fn(), vi.fn()];
    endInAnyCase(5_000, told, exit);
    vi.advanceTimersByTime(74_900);
    expect(exit).not.toHaveBeenCalled();
    vi.advanceTimersByTime(200);
    expect(exit).toHaveBeenCalledExactlyOnceWith(1);
    expect(told.mock.lastCall?.[0]).toMatch(/not ended 75 s after .* It still held: /u);
  });

  it('ends one that has closed all that it had in seconds, and without blaming it', () => {
    const [told, exit] = [vi.fn(), vi.fn()];
    endOnceClosed(told, exit);
    vi.advanceTimersByTime(2_000);
    expect(exit).toHaveBeenCalledExactlyOnceWith(0);
    expect(told.mock.lastCall?.[0]).toMatch(/all is closed.* It still held: /u);
  });
});
