import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { endInAnyCase, endOnceClosed, startUnlessStopped } from './last-resort.js';

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

describe('startUnlessStopped', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const stopped = Promise.resolve();
  const never = new Promise<never>(() => undefined);

  it('ends a start that hangs where the process is told to end', async () => {
    const [told, exit] = [vi.fn(), vi.fn()];
    void startUnlessStopped(async () => never, stopped, told, exit);
    await vi.advanceTimersByTimeAsync(900);
    expect(exit).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(200);
    expect(exit).toHaveBeenCalledExactlyOnceWith(0);
    expect(told).toHaveBeenCalledExactlyOnceWith('symface: told to end before it had started.');
  });

  it('leaves one that was done, or had failed, to whoever started it', async () => {
    const [told, exit] = [vi.fn(), vi.fn()];
    const failing = startUnlessStopped(async () => Promise.reject(new Error('no')), stopped, told, exit);
    await expect(failing).rejects.toThrow('no');
    expect(await startUnlessStopped(async () => Promise.resolve('served'), stopped, told, exit)).toBe(
      'served',
    );
    await vi.advanceTimersByTimeAsync(5_000);
    expect(exit).not.toHaveBeenCalled();
  });

  it('lets one that nobody told to end take its time', async () => {
    const [told, exit] = [vi.fn(), vi.fn()];
    void startUnlessStopped(async () => never, never, told, exit);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(exit).not.toHaveBeenCalled();
  });
});
