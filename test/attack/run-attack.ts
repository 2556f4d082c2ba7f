import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMebibytes } from '../support/process-measures.js';
import { type Attack, Broken, type DatabaseKind, type Scene, Skipped } from './attack.js';
import { type Bystander, type BystanderFigures, harmDone } from './bystander.js';
import type { Target, TargetOptions } from './target.js';

export interface AttackResult {
  readonly name: string;
  readonly database: DatabaseKind;
  readonly verdict: 'held' | 'broken' | 'skipped';
  /** What was seen, or why it was skipped. */
  readonly seen: string;
  readonly seconds: number;
  /** What became of the shared service; undefined where the attack has services of its own. */
  readonly shared?: {
    readonly bystander: BystanderFigures;
    /** With its workers: before, at most, and after the attack, in MiB. */
    readonly memoryMebibytes: readonly [before: number, most: number, after: number];
  };
}

/** What all attacks of a run share. */
export interface Grounds {
  readonly shared: Omit<Scene, 'startTarget' | 'newFolder' | 'afterwards' | 'logs'>;
  readonly bystander: Bystander;
  readonly startTarget: (options: TargetOptions) => Promise<Target>;
  /** What services that have ended had printed. */
  readonly keptLogs: string[];
  readonly runningLogs: () => readonly string[];
}

const sampleMs = 250;

/** Runs one attack and looks at what it did. */
export async function runAttack(name: string, attack: Attack, grounds: Grounds): Promise<AttackResult> {
  const { bystander, shared } = grounds;
  if (attack.hasOwnServices === true) return resultOf(name, await attempt(attack, grounds), shared.database);
  const memory = watchMemory(shared.target.server.process.pid ?? 0);
  await bystander.take();
  const attempted = await attempt(attack, grounds);
  const figures = await bystander.takeSettled();
  const harm = harmDone(figures, attack.bystander ?? {});
  return {
    ...resultOf(name, withHarm(attempted, harm), shared.database),
    shared: { bystander: figures, memoryMebibytes: memory.end() },
  };
}

interface Attempt extends Outcome {
  readonly seconds: number;
}

/** Attacks, and clears away what is left. */
async function attempt(attack: Attack, grounds: Grounds): Promise<Attempt> {
  const cleanUps: (() => unknown)[] = [];
  const beginMs = performance.now();
  const outcome = await outcomeOf(attack, sceneOf(grounds, attack, cleanUps));
  const seconds = (performance.now() - beginMs) / 1000;
  return withHarm({ ...outcome, seconds }, await cleanUp(cleanUps));
}

/** What held but did harm is broken. */
function withHarm(attempted: Attempt, harm: string | undefined): Attempt {
  if (harm === undefined || attempted.verdict !== 'held') return attempted;
  return { ...attempted, verdict: 'broken', seen: `${harm}; otherwise: ${attempted.seen}` };
}

function resultOf(name: string, attempted: Attempt, database: DatabaseKind): AttackResult {
  return { name, database, ...attempted };
}

/** Looks at the memory of a process, with its children, until it is ended. */
function watchMemory(processId: number) {
  const before = residentMebibytes(processId);
  let most = before;
  const sampling = setInterval(() => {
    most = Math.max(most, residentMebibytes(processId));
  }, sampleMs);
  return {
    end: (): readonly [number, number, number] => {
      clearInterval(sampling);
      return [before, most, residentMebibytes(processId)];
    },
  };
}

type Outcome = Pick<AttackResult, 'verdict' | 'seen'>;

async function outcomeOf(attack: Attack, scene: Scene): Promise<Outcome> {
  const { limitSeconds } = attack;
  const tooLong = sleep(limitSeconds * 1000, undefined, { ref: false }).then(() => {
    throw new Broken(`no end after ${limitSeconds} s`);
  });
  try {
    return { verdict: 'held', seen: await Promise.race([attack.run(scene), tooLong]) };
  } catch (error) {
    if (error instanceof Skipped) return { verdict: 'skipped', seen: error.message };
    if (error instanceof Broken) return { verdict: 'broken', seen: error.message };
    return {
      verdict: 'broken',
      seen: `unexpected: ${error instanceof Error ? (error.stack ?? '') : String(error)}`,
    };
  }
}

function sceneOf(
  { shared, startTarget, keptLogs, runningLogs }: Grounds,
  { hasOwnServices = false }: Attack,
  cleanUps: (() => unknown)[],
): Scene {
  return {
    ...shared,
    get target() {
      if (hasOwnServices)
        throw new Error('an attack with services of its own goes on beside those on the shared one');
      return shared.target;
    },
    startTarget: async (options = {}) => {
      let latest = await startTarget(options);
      // One that was killed has a successor, which is to be ended in its place.
      const followed = (target: Target): Target => ({
        ...target,
        killAndRestart: async (meanwhile) => {
          keptLogs.push(target.server.output());
          latest = await target.killAndRestart(meanwhile);
          return followed(latest);
        },
      });
      cleanUps.push(async () => {
        await latest.stop();
        keptLogs.push(latest.server.output());
      });
      return followed(latest);
    },
    newFolder: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'symface-attack-'));
      cleanUps.push(async () => rm(folder, { recursive: true, force: true }));
      return folder;
    },
    afterwards: (work) => {
      cleanUps.push(work);
    },
    logs: () => [...keptLogs, ...runningLogs()],
  };
}

/** @returns what went wrong with it; undefined where nothing */
async function cleanUp(cleanUps: readonly (() => unknown)[]): Promise<string | undefined> {
  let complaint: string | undefined;
  for (const work of cleanUps.toReversed()) {
    try {
      await work();
    } catch (error) {
      complaint ??= `what the attack left cannot be cleared away: ${String(error)}`;
    }
  }
  return complaint;
}
