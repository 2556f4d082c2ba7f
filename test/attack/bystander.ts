import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BystanderLimits } from './attack.js';
import type { AttackPhotographs } from './photographs.js';

const program = fileURLToPath(new URL('bystander-process.mjs', import.meta.url));
const timeoutMs = 20_000;
const slowestAllowedMs = 10_000;

/** What an ordinary client saw while an attack went on. */
export interface BystanderFigures {
  readonly calls: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly slowestMs: number;
  /** Calls that were told OVERLOADED. */
  readonly refused: number;
  /** How calls ended that were neither answered nor told so. */
  readonly lost: readonly string[];
}

interface Outcome {
  readonly ms: number;
  /** `OK`, or the reason of a failure. */
  readonly outcome: string;
}

/** An honest client: it verifies two photographs of one person, again and again, under a key of its own. */
export class Bystander {
  private readonly child: ChildProcess;

  constructor(server: string, apiKey: string, { person, personAgain }: AttackPhotographs) {
    this.child = fork(program, [], { serialization: 'advanced' });
    this.child.send({ server, apiKey, timeoutMs, one: person, other: personAgain });
  }

  /** @returns the figures since it was last asked */
  async take(): Promise<BystanderFigures> {
    return figuresOf(await this.outcomes());
  }

  /**
   * The figures since it was last asked, once calls that begin now have ended: what an attack has left behind is seen.
   * @throws Error where none ends
   */
  async takeSettled(): Promise<BystanderFigures> {
    const all: Outcome[] = [];
    const giveUpMs = performance.now() + 2 * timeoutMs;
    for (let later = -1; later < 2 && performance.now() < giveUpMs;) {
      await sleep(50);
      const taken = await this.outcomes();
      all.push(...taken);
      later = later < 0 ? 0 : later + taken.length;
    }
    return figuresOf(all);
  }

  async stop(): Promise<void> {
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
  }

  private async outcomes(): Promise<readonly Outcome[]> {
    const taken = once(this.child, 'message');
    this.child.send('take');
    return (await taken)[0] as readonly Outcome[];
  }
}

function figuresOf(taken: readonly Outcome[]): BystanderFigures {
  const times = taken.map(({ ms }) => ms).sort((a, b) => a - b);
  const percentile = (share: number): number => times[Math.floor((times.length - 1) * share)] ?? 0;
  const failures = taken.map(({ outcome }) => outcome).filter((outcome) => outcome !== 'OK');
  return {
    calls: taken.length,
    p50Ms: percentile(0.5),
    p95Ms: percentile(0.95),
    slowestMs: times.at(-1) ?? 0,
    refused: failures.filter((outcome) => outcome === 'OVERLOADED').length,
    lost: failures.filter((outcome) => outcome !== 'OVERLOADED'),
  };
}

/** @returns what an attack did to the bystander that it must not; undefined where nothing */
export function harmDone(
  { refused, lost, slowestMs, calls }: BystanderFigures,
  { mayBeRefused = false, slowestMs: allowedMs = slowestAllowedMs }: BystanderLimits,
): string | undefined {
  if (lost.length > 0)
    return `${lost.length} of ${calls} calls of the bystander were lost (${lost[0] ?? ''})`;
  if (refused > 0 && !mayBeRefused) return `${refused} of ${calls} calls of the bystander were refused`;
  if (slowestMs > allowedMs) return `a call of the bystander took ${Math.round(slowestMs)} ms`;
  return undefined;
}
