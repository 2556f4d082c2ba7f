import { runCommandLine } from '../../src/cli/program.js';
import { type FakeAnswers, startFakeServer } from './fake-symface-server.js';
import { RecordingTerminal } from './recording-terminal.js';

/** Runs the command line against a server that gives these answers, and stops that. */
export async function runAgainst(answers: FakeAnswers, ...args: string[]) {
  const server = await startFakeServer(answers);
  try {
    const terminal = new RecordingTerminal();
    const exitCode = await runCommandLine([...args, '--server', server.address], terminal);
    return { exitCode, terminal };
  } finally {
    server.stop();
  }
}
