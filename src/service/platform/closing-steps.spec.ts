import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClosingSteps } from './closing-steps.js';

const logger = { debug: vi.fn(), warn: vi.fn(), error: vi.fn() };
const never = async (): Promise<void> => new Promise(() => undefined);

describe('ClosingSteps', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.resetAllMocks();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('goes on without a step that never ends, and names it', async () => {
    let isOver = false;
    const closing = new ClosingSteps(logger).run('the database', never, 500).then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(499);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await closing;
    expect(logger.warn).toHaveBeenCalledExactlyOnceWith(
      { step: 'the database', limitMs: 500 },
      expect.stringContaining('too long'),
    );
  });

  it('does not wait a second time for a step that it has passed over', async () => {
    const steps = new ClosingSteps(logger);
    const first = steps.run('the jobs in hand', never, 500);
    await vi.advanceTimersByTimeAsync(500);
    await first;
    await steps.run('the jobs in hand', never, 500);
    expect(logger.warn).toHaveBeenCalledOnce();
  });

  it('waits a second for each step after one that it has passed over', async () => {
    const steps = new ClosingSteps(logger);
    const closing = steps
      .run('the replicas', never, 60_000)
      .then(async () => steps.run('the database', never));
    await vi.advanceTimersByTimeAsync(61_000);
    await closing;
    expect(logger.warn).toHaveBeenLastCalledWith({ step: 'the database', limitMs: 1_000 }, expect.anything());
  });

  it('goes on without a step that fails, and says why', async () => {
    const err = new Error('lost');
    await new ClosingSteps(logger).run('the replicas', async () => Promise.reject(err));
    expect(logger.error).toHaveBeenCalledExactlyOnceWith(
      { step: 'the replicas', err },
      expect.stringContaining('failed'),
    );
  });

  it('leaves no timer behind, and no warning, where a step is done in time', async () => {
    await new ClosingSteps(logger).run('the workers', async () => Promise.resolve());
    expect(vi.getTimerCount()).toBe(0);
    expect(logger.warn).not.toHaveBeenCalled();
    expect(logger.debug).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ step: 'the workers' }),
      'ended',
    );
  });
});
