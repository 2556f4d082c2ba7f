import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { pythonWith } from '../../test/support/python.js';

const stopSignal = new URL('../../dist/cli/next-stop-signal.js', import.meta.url).href;
const waiting = `
  const { nextStopSignal } = await import(${JSON.stringify(stopSignal)});
  const ended = nextStopSignal();
  console.log('ready');
  const alive = setInterval(() => undefined, 1_000);
  await ended;
  clearInterval(alive);
`;
/** Runs a program on a terminal of its own, closes that, and prints the exit status: a signal's number below 0. */
const onTerminal = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
said = b''
while b'ready' not in said:
    said += os.read(terminal, 4096)
os.close(terminal)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

/** Node has no terminals to give. */
const python = pythonWith('pty');
if (python === undefined)
  console.log('skipped: a terminal that is closed needs a Python 3 with its module pty');

it.skipIf(python === undefined)(
  'has a process whose terminal is closed end by itself, and not abort',
  async () => {
    const program = [process.execPath, '--input-type=module', '--eval', waiting];
    const { stdout } = await promisify(execFile)(python ?? '', ['-c', onTerminal, ...program], {
      timeout: 30_000,
    });
    expect(stdout.trim()).toBe('0');
  },
);
