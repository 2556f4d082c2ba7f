import type { AttackPhotographs } from './photographs.js';
import type { Target, TargetOptions } from './target.js';

/** The databases that a service can have. */
export type DatabaseKind = 'embedded' | 'postgres';

/** What an attack has to work with. */
export interface Scene {
  /** The service that attacks share, with the honest bystander; one with services of its own must not ask for it. */
  readonly target: Target;
  readonly photographs: AttackPhotographs;
  /** The short form: the same attack with less of it. */
  readonly isShort: boolean;
  /** The database of the services in this run of the attack. */
  readonly database: DatabaseKind;
  /** A service of the attack's own; it is stopped, and its log kept, whatever becomes of the attack. */
  readonly startTarget: (options?: TargetOptions) => Promise<Target>;
  /** A new folder that is removed after the attack. */
  readonly newFolder: () => Promise<string>;
  /** Does something after the attack, whatever becomes of it: the last one first. */
  readonly afterwards: (work: () => unknown) => void;
  /** What every service of the run has printed so far. */
  readonly logs: () => readonly string[];
}

/** One attack; a file in `attacks` has one as its default export, and its name is the file's. */
export interface Attack {
  /** What is tried, in a few words. */
  readonly title: string;
  /** Whether the short form has it. */
  readonly isShort: boolean;
  /** The databases that it is worth repeating on; the embedded one alone unless said otherwise. */
  readonly databases?: readonly DatabaseKind[];
  /** What it may do to an ordinary client of the shared service; nothing unless said otherwise. */
  readonly bystander?: BystanderLimits;
  /** Whether it works on services of its own alone: then it goes on beside the attacks on the shared one. */
  readonly hasOwnServices?: boolean;
  /** Whether it comes after all others: it looks at what they left. */
  readonly isLast?: boolean;
  /** How long it may take, in seconds. */
  readonly limitSeconds: number;
  /**
   * @returns what was seen, where the service held
   * @throws Broken where it did not; Skipped where this machine lacks something
   */
  run(scene: Scene): Promise<string>;
}

/** What is let pass of an ordinary client's calls while an attack goes on. */
export interface BystanderLimits {
  /** Calls may be told OVERLOADED; otherwise that is a lost call. */
  readonly mayBeRefused?: boolean;
  /** The slowest call that is let pass, in milliseconds; 10,000 unless said otherwise. */
  readonly slowestMs?: number;
}

/** The service did not hold. */
export class Broken extends Error {
  override readonly name = 'Broken';
}

/** The attack needs something that this machine lacks. */
export class Skipped extends Error {
  override readonly name = 'Skipped';
}

/** @throws Broken with the message where the condition is false */
export function hold(condition: boolean, message: string | (() => string)): asserts condition {
  if (!condition) throw new Broken(typeof message === 'string' ? message : message());
}
