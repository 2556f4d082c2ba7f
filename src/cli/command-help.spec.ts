import type { Command } from 'commander';
import { beforeAll, expect, it } from 'vitest';
import { RecordingTerminal } from '../../test/support/recording-terminal.js';
import { commandLoaders } from './command-loaders.js';
import { runCommandLine } from './program.js';
import { Session } from './session.js';

/** The names of all commands, those of groups with their group's: `models import`. */
let names: readonly string[];

beforeAll(async () => {
  const session = new Session(new RecordingTerminal());
  const commands = await Promise.all(
    [...commandLoaders.values()].map(async (load) => (await load())(session)),
  );
  names = commands.flatMap((command) => namesIn(command));
});

function namesIn(command: Command): string[] {
  const own = command.name();
  return [own, ...command.commands.flatMap(namesIn).map((name) => `${own} ${name}`)];
}

async function helpOf(name: string): Promise<string> {
  const terminal = new RecordingTerminal();
  expect(await runCommandLine([...name.split(' '), '--help'], terminal)).toBe(0);
  return terminal.outLines.join('\n');
}

it('is of every command, and tells what is so without an option in words', async () => {
  expect(names).toContain('retrain schedule set');
  for (const name of names) {
    const help = await helpOf(name);
    expect(help).toMatch(new RegExp(`^Usage: symface ${name}\\b`, 'u'));
    expect(help, name).not.toMatch(/default:\s+(?:""|\[|\{)|undefined|\[object/u);
  }
});

it('has lines that fit into a wide terminal, but for examples', async () => {
  for (const name of names) {
    const text = (await helpOf(name)).split('\n').filter((line) => !line.startsWith('  '));
    expect(text.filter((line) => line.length > 140)).toEqual([]);
  }
});

it.each([[], ['verify'], ['embed'], ['detect'], ['models'], ['models', 'import'], ['models', 'activate']])(
  'shows examples and the server option: %s',
  async (...command) => {
    const terminal = new RecordingTerminal();
    expect(await runCommandLine([...command, '--help'], terminal)).toBe(0);
    const help = terminal.outLines.join('\n');
    expect(help).toMatch(/Examples?:/u);
    expect(help).toContain('--server');
  },
);

it('is pointed at where a command is named that there is not', async () => {
  const terminal = new RecordingTerminal();
  expect(await runCommandLine(['unheard-of'], terminal)).toBe(2);
  expect(terminal.errLines.join('\n')).toMatch(/unknown command[\s\S]*--help/u);
});
