import { parseArgs } from 'node:util';
import { cpuOfAllMs } from '../support/process-measures.js';
import type { Attack, DatabaseKind } from './attack.js';
import { attackCatalogue } from './catalogue.js';
import { raiseGrounds } from './grounds.js';
import { asLine, summaryOf } from './report.js';
import { type AttackResult, type Grounds, runAttack } from './run-attack.js';

const HELP = `Attacks services of its own, and tells what held.

  npm run attack                             everything, at most 15 minutes
  npm run attack -- --short                  what CI runs, at most 3 minutes
  npm run attack -- --only long-texts        one, or several with commas between them
  npm run attack -- --list                   the attacks there are

  --short            the short form of those that have one
  --only NAME,…      these alone; parts of names do
  --database KIND    embedded, postgres or all (default: all, where PostgreSQL is installed; embedded with --short)
  --times N          each so many times; for what happens by chance, as kills do
  --json             what was found as JSON on standard output
  --list, --help

Exit status: 0 where all held, 1 where one broke, 2 for a mistake in the arguments.`;

interface Options {
  readonly isShort: boolean;
  readonly isJson: boolean;
  readonly only: readonly string[];
  readonly times: number;
  readonly databases: readonly DatabaseKind[];
}

/** @returns the exit status */
export async function attackFromCommandLine(args: readonly string[]): Promise<number> {
  const catalogue = await attackCatalogue();
  let options: Options;
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        short: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        times: { type: 'string', default: '1' },
        database: { type: 'string' },
      },
    });
    if (values.help) process.stdout.write(`${HELP}\n`);
    if (values.list)
      for (const [name, { title }] of catalogue) process.stdout.write(`${name.padEnd(26)} ${title}\n`);
    if (values.help || values.list) return 0;
    options = {
      isShort: values.short,
      isJson: values.json,
      only: values.only.split(',').filter(Boolean),
      times: timesOf(values.times),
      databases: databasesOf(values.database ?? (values.short ? 'embedded' : 'all')),
    };
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${HELP}\n`);
    return 2;
  }
  const chosen = choose(catalogue, options);
  if (chosen.length === 0) {
    process.stderr.write(`No attack is called ${options.only.join(' or ')}; --list names them.\n`);
    return 2;
  }
  return attack(chosen, options);
}

function timesOf(text: string): number {
  const times = Number(text);
  if (Number.isInteger(times) && times > 0) return times;
  throw new Error(`--times takes a number from 1 on, not ${text}`);
}

function databasesOf(text: string): readonly DatabaseKind[] {
  if (text === 'all') return ['embedded', 'postgres'];
  if (text === 'embedded' || text === 'postgres') return [text];
  throw new Error(`--database takes embedded, postgres or all, not ${text}`);
}

function choose(
  catalogue: ReadonlyMap<string, Attack>,
  { only, isShort }: Options,
): readonly [string, Attack][] {
  const named = [...catalogue].filter(
    ([name]) => only.length === 0 || only.some((part) => name.includes(part)),
  );
  return named.filter(([, attack]) => only.length > 0 || !isShort || attack.isShort);
}

function repeated<T>(items: readonly T[], times: number): readonly T[] {
  return items.flatMap((item) => Array.from({ length: times }, () => item));
}

async function attack(chosen: readonly [string, Attack][], options: Options): Promise<number> {
  const beginMs = performance.now();
  const results: AttackResult[] = [];
  const tell = (line: string): void => {
    (options.isJson ? process.stderr : process.stdout).write(`${line}\n`);
  };
  for (const database of options.databases) {
    const onIt = chosen.filter(([, { databases = ['embedded'] }]) => databases.includes(database));
    if (onIt.length === 0) continue;
    const grounds = await raiseGrounds(database, options.isShort);
    if (typeof grounds === 'string') {
      tell(`skipped  everything on ${database}: ${grounds}`);
      continue;
    }
    try {
      await attackOn(grounds, repeated(onIt, options.times), (result) => {
        results.push(result);
        tell(asLine(result));
      });
    } finally {
      await grounds.clear();
    }
  }
  tell(summaryOf(results, performance.now() - beginMs, cpuOfAllMs(process.pid)));
  if (options.isJson) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
  return results.some(({ verdict }) => verdict === 'broken') ? 1 : 0;
}

/** Those on the shared service one after the other, beside them those with services of their own; then those that come last. */
async function attackOn(
  grounds: Grounds,
  attacks: readonly [string, Attack][],
  onResult: (result: AttackResult) => void,
): Promise<void> {
  const inTurn = async (isChosen: (attack: Attack) => boolean): Promise<void> => {
    for (const [name, one] of attacks) if (isChosen(one)) onResult(await runAttack(name, one, grounds));
  };
  const isApart = ({ hasOwnServices = false }: Attack): boolean => hasOwnServices;
  const isLast = ({ isLast: comesLast = false }: Attack): boolean => comesLast;
  await Promise.all([inTurn(isApart), inTurn((one) => !isApart(one) && !isLast(one))]);
  await inTurn(isLast);
}
