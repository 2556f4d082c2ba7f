import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { endingSignals } from './process-signals.js';

const built = new URL('../../../dist/core/concurrency/process-signals.js', import.meta.url).href;

/** What a process that has called a function of the built module says, once it has been sent signals; it ends by the last one. */
async function saidAt(call: string, signals: readonly NodeJS.Signals[]): Promise<string> {
  const script = `
    import * as signals from ${JSON.stringify(built)};
    signals.${call};
    process.on('message', () => { console.log('goes on'); process.disconnect(); });
    process.send('ready');
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  await once(child, 'message');
  const ended = once(child, 'close');
  for (const signal of signals) child.kill(signal);
  // What listens for a debugger is another thread, which says so later.
  await new Promise((resolve) => setTimeout(resolve, 300));
  if (child.connected) child.send('end');
  const [, signal] = (await ended) as [number | null, string | null];
  return signal ?? said.trim();
}

describe('leaveSignalsToParent', () => {
  it('has a child go on at what a terminal sends, and listen for no debugger', async () => {
    const signals = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;
    expect(await saidAt('leaveSignalsToParent()', signals)).toBe('goes on');
  });
});

describe('passOverMeaninglessSignals', () => {
  it('listens for no debugger, and goes on where others rotate their logs', async () => {
    expect(await saidAt('passOverMeaninglessSignals(false)', ['SIGUSR1', 'SIGUSR2', 'SIGHUP'])).toBe(
      'goes on',
    );
  });

  it('ends at the end of its terminal', async () => {
    expect(await saidAt('passOverMeaninglessSignals(true)', ['SIGUSR1', 'SIGHUP'])).toBe('SIGHUP');
  });
});

describe('endingSignals', () => {
  it('has the end of a terminal only where there is one', () => {
    expect(endingSignals(true)).toContain('SIGHUP');
    expect(endingSignals(false)).toEqual(['SIGINT', 'SIGQUIT', 'SIGTERM']);
  });
});
