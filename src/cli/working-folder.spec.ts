import { afterEach, expect, it, vi } from 'vitest';
import { RecordingTerminal } from '../../test/support/recording-terminal.js';
import { runCommandLine } from './program.js';

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([[['serve']], [['prepare']], [['train', '--config', 'a.yaml']], [['models', 'list']]])(
  'refuses %s in a folder that was removed, and says what to do',
  async (args) => {
    vi.spyOn(process, 'cwd').mockImplementation(() => {
      throw Object.assign(new Error('ENOENT: no such file or directory, uv_cwd'), { code: 'ENOENT' });
    });
    const terminal = new RecordingTerminal();
    expect(await runCommandLine(args, terminal)).toBe(2);
    expect(terminal.errLines).toEqual([
      expect.stringMatching(/^symface: The folder that this command was started in was removed.*\(cd ~\)/u),
    ]);
  },
);
