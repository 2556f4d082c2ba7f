import { expect, it } from 'vitest';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { runCommandLine } from '../program.js';

it('says where else to look where no gateway answers', async () => {
  const terminal = new RecordingTerminal();
  expect(await runCommandLine(['status', '--server', '127.0.0.1:9'], terminal)).toBe(2);
  expect(terminal.errLines).toHaveLength(2);
  expect(terminal.errLines[0]).toMatch(/No SymFace server answers/u);
  expect(terminal.errLines[1]).toMatch(/\/readyz.*docs\/runbook\.md.*SymfaceDown/u);
});
