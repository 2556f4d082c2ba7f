import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { drain } from './drain.js';

const timeoutMs = 1_000;
let steps: string[];

beforeEach(() => {
  vi.useFakeTimers();
  steps = [];
});
afterEach(() => vi.useRealTimers());

/** @param jobsMs how long the jobs in hand take to be given back @param callsMs how long the accepted calls take
 * @param isOneHeld whether all are answered at once, and a client holds its connection */
function closeGateway(jobsMs: number, callsMs: number, isOneHeld = false, delayMs = 0): Promise<void> {
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
    httpConnections: {
      destroyAll: step('HTTP cut'),
    },
    endpoint: {
      setServing: step('not serving'),
      handOver: after(0, 'handed over'),
      drain: async () => {
        steps.push('idle calls ended');
        if (!isOneHeld) await new Promise(() => undefined);
      },
      endCalls: step('answered'),
      disconnect: step('cut'),
    },
    readiness: { close: step('not ready') },
    engine: { stop: step('calls ended') },
    giveJobsBack: after(jobsMs, 'jobs given back'),
    logger: { info: step('draining'), warn: () => undefined },
    delayMs,
    timeoutMs,
  });
}

it('gives the jobs in hand back before the drain time begins: calls have all of that', async () => {
  const closing = closeGateway(20 * timeoutMs, 0.9 * timeoutMs);
  await vi.runAllTimersAsync();
  await closing;
  expect(steps).toEqual([
    'not serving',
    'not ready',
    'jobs given back',
    'handed over',
    'draining',
    'idle calls ended',
    'closed',
  ]);
});

it('takes calls for as long as balancers need to notice, while the jobs are given back', async () => {
  const closing = closeGateway(100, 0, false, 5_000);
  await vi.advanceTimersByTimeAsync(4_999);
  expect(steps).toEqual(['not serving', 'not ready', 'jobs given back']);
  await vi.runAllTimersAsync();
  await closing;
  expect(steps.at(-1)).toBe('closed');
});

it('ends the calls that are left when the drain time is over', async () => {
  const closing = closeGateway(0, 3 * timeoutMs);
  await vi.runAllTimersAsync();
  await closing;
  expect(steps.slice(4)).toEqual([
    'draining',
    'idle calls ended',
    'calls ended',
    'answered',
    'cut',
    'HTTP cut',
    'closed',
  ]);
});

it('cuts connections on which no call is left, but a client holds its half of one', async () => {
  const closing = closeGateway(0, 0.9 * timeoutMs, true);
  await vi.runAllTimersAsync();
  await closing;
  expect(steps.slice(4)).toEqual(['draining', 'idle calls ended', 'cut', 'HTTP cut', 'closed']);
});
