import { expect, it } from 'vitest';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { runAgainst } from '../../../test/support/run-against.js';
import { failedCall } from '../../../test/support/fake-symface-server.js';
import { runCommandLine } from '../program.js';

it('says where else to look where no gateway answers', async () => {
  const terminal = new RecordingTerminal();
  expect(await runCommandLine(['status', '--server', '127.0.0.1:9'], terminal)).toBe(2);
  expect(terminal.errLines).toHaveLength(2);
  expect(terminal.errLines[0]).toMatch(/No SymFace server answers/u);
  expect(terminal.errLines[1]).toMatch(/\/readyz.*docs\/runbook\.md.*SymfaceDown/u);
});

it.each([
  ['UNAUTHENTICATED', 1],
  ['DATABASE_UNAVAILABLE', 2],
] as const)('of %s it says %i lines: a key that is missing is no outage', async (reason, lineCount) => {
  const { terminal } = await runAgainst(
    {
      operations: {
        GetServiceStatus: (_call, done) => {
          done(failedCall({ reason, message: 'No.' }));
        },
      },
    },
    'status',
  );
  expect(terminal.errLines).toHaveLength(lineCount);
});
