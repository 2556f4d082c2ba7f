import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { drain } from './drain.js';

const timeoutMs = 1_000;
let steps: string[];

beforeEach(() => {
  vi.useFakeTimers();
  steps = [];
});
afterEach(() => vi.useRealTimers());

/** @param jobsMs how long the jobs in hand take to be given back @param callsMs how long the accepted calls take */
function closeGateway(jobsMs: number, callsMs: number): Promise<void> {
  const step = (name: string) => (): void => {
    steps.push(name);
  };
  const after = (ms: number, name: string) => async (): Promise<void> =>
    new Promise((resolve) => {
      setTimeout(() => {
        steps.push(name);
        resolve();
      }, ms);
    });
  return drain({
    app: { close: after(callsMs, 'closed') },
    endpoint: { setServing: step('not serving'), disconnect: step('cut') },
    engine: { stop: step('calls ended') },
    jobs: { close: after(jobsMs, 'jobs given back') },
    logger: { info: step('draining'), warn: () => undefined },
    timeoutMs,
  });
}

it('gives the jobs in hand back before the drain time begins: calls have all of that', async () => {
  const closing = closeGateway(20 * timeoutMs, 0.9 * timeoutMs);
  await vi.runAllTimersAsync();
  await closing;
  expect(steps).toEqual(['not serving', 'jobs given back', 'draining', 'closed']);
});

it('ends the calls that are left when the drain time is over', async () => {
  const closing = closeGateway(0, 3 * timeoutMs);
  await vi.runAllTimersAsync();
  await closing;
  expect(steps.slice(2)).toEqual(['draining', 'calls ended', 'cut', 'closed']);
});
