import { describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { inlineCode, pages, shellLines, text } from './markdown.js';

const history = 'CHANGELOG.md';

/** What a command line that a page shows asks for: words up to the first argument, and long options. */
interface ShownCommand {
  readonly line: string;
  readonly words: readonly string[];
  readonly options: readonly string[];
}

/** The `symface` commands in a shell line, which may have several programs. */
function symfaceCommands(line: string): readonly ShownCommand[] {
  return line.split(/&&|\|\||[|;>]/u).flatMap((part) => {
    const match = /^(?:[A-Z_]+=\S* +)*(?:npx +|docker compose run --rm +)?symface +(.*)$/u.exec(part.trim());
    if (match === null) return [];
    const words = (match[1] ?? '').split(/\s+/u);
    const options = words
      .filter((word) => word.startsWith('--'))
      .map((word) => word.replace(/[=,.].*$/u, ''));
    return [{ line, words, options }];
  });
}

/** The help of a command. @param path names of the command and its groups */
async function help(path: readonly string[]): Promise<string> {
  const terminal = new RecordingTerminal();
  await runCommandLine([...path, '--help'], terminal);
  return terminal.outLines.join('\n');
}

const namesOf = (helpText: string): readonly string[] => {
  const [, list = ''] = /^Commands:\n((?: {2}.*\n?)+)/mu.exec(helpText) ?? [];
  return [...list.matchAll(/^ {2}([a-z][\w-]*)/gmu)].map(([, name = '']) => name);
};

/** What is wrong with a command that a page shows; empty where nothing is. */
async function faultsOf({ line, words, options }: ShownCommand): Promise<readonly string[]> {
  const path: string[] = [];
  let helpText = await help(path);
  // Options of the program may come before the command.
  const rest = words.slice(words.findIndex((word) => namesOf(helpText).includes(word)));
  for (const word of rest) {
    const names = namesOf(helpText);
    if (names.length === 0) break;
    if (!names.includes(word)) {
      return word.startsWith('-') || /^[A-Z<…]/u.test(word) ? [] : [`${line}: no command ${word}`];
    }
    path.push(word);
    helpText = await help(path);
  }
  return options
    .filter((option) => !new RegExp(`(?<![\\w-])${option}(?![\\w-])`, 'u').test(helpText))
    .map((option) => `${line}: no option ${option} of symface ${path.join(' ')}`);
}

describe.each(pages().filter((file) => file !== history))('%s', (file) => {
  it('shows commands and options that there are', async () => {
    const page = text(file);
    const commands = [...shellLines(page), ...inlineCode(page)].flatMap(symfaceCommands);
    const faults: string[] = [];
    for (const command of commands) faults.push(...(await faultsOf(command)));
    expect(faults).toEqual([]);
  });
});

describe('the check of commands', () => {
  it('finds commands and options that there are not', async () => {
    const lines =
      'npx symface verify a.jpg --nearest && A=1 symface models forget x; symface models list --json | wc';
    const faults = await Promise.all(symfaceCommands(lines).map(faultsOf));
    expect(faults.flat()).toEqual([
      expect.stringContaining('no option --nearest of symface verify'),
      expect.stringContaining('no command forget'),
    ]);
  });
});
