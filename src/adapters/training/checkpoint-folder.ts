import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { Failure } from '../../domain/failure.js';
import type { WeightArray } from '../../domain/model/weights.js';
import type { TrainingState } from '../../learning/training/training-engine.js';
import type { TrainingPlace } from '../../learning/training/training-run.js';
import { gradientName, velocityName } from '../../learning/training/training-step.js';
import { SealBroken, type SecretBox } from '../encryption/secret-box.js';
import { hasErrorCode, storageFailure, syncFolder, writeDurably } from '../storage/durable-files.js';
import { readSafetensors, writeSafetensors } from '../storage/safetensors.js';

/** A state and where in the data it belongs. */
export interface Checkpoint {
  readonly place: TrainingPlace;
  readonly state: TrainingState;
}

/** The newest may be damaged by the disk; the one before it then serves. */
const KEPT = 2;
const stateFile = 'state.safetensors';
const placeFile = 'place.json';
const namePattern = /^step-\d{9}$/u;

const natural = z.number().int().nonnegative();
const placeSchema = z.object({
  place: z.object({ epoch: natural, batch: natural, step: natural }),
  /** Of the configuration's parts that the state belongs to. */
  runDigest: z.string(),
  stateSha256: z.string(),
  lossState: z.record(z.string(), z.number()),
});

/** Checkpoints of one run in a folder, each whole or not there. */
export class CheckpointFolder {
  /**
   * @param runDigest a checkpoint of another is not resumed
   * @param box encrypts states, whose class weights are as good as templates of the persons
   */
  constructor(
    private readonly folder: string,
    private readonly runDigest: string,
    private readonly box?: SecretBox,
  ) {}

  /** @throws Failure STORAGE_FULL; the system's error where the folder cannot be written */
  async save(place: TrainingPlace, state: TrainingState): Promise<void> {
    const name = `step-${String(place.step).padStart(9, '0')}`;
    const temporary = join(this.folder, `.writing-${process.pid}`);
    try {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      await this.write(temporary, place, state);
      await rm(join(this.folder, name), { recursive: true, force: true });
      await rename(temporary, join(this.folder, name));
      await syncFolder(this.folder);
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      throw storageFailure(error, this.folder);
    }
    await this.dropOld();
  }

  /**
   * The newest checkpoint that is whole; undefined where there is none.
   * @throws Failure INVALID_ARGUMENT where they are of another configuration
   */
  async newest(): Promise<Checkpoint | undefined> {
    for (const name of (await this.names()).reverse()) {
      const checkpoint = await this.read(join(this.folder, name));
      if (checkpoint !== undefined) return checkpoint;
    }
    return undefined;
  }

  private async write(folder: string, place: TrainingPlace, state: TrainingState): Promise<void> {
    const { weights, velocities, lossState, gradients = new Map<string, WeightArray>() } = state;
    const arrays = new Map(weights);
    for (const [name, array] of gradients) arrays.set(gradientName(name), array);
    for (const [name, array] of velocities) arrays.set(velocityName(name), array);
    const plain = writeSafetensors(arrays);
    const file = this.box?.seal(plain, this.context) ?? plain;
    await writeDurably(join(folder, stateFile), file);
    const stateSha256 = createHash('sha256').update(file).digest('hex');
    const description = { place, runDigest: this.runDigest, stateSha256, lossState };
    await writeDurably(join(folder, placeFile), JSON.stringify(description));
    await syncFolder(folder);
  }

  private async read(folder: string): Promise<Checkpoint | undefined> {
    const described = await readFile(join(folder, placeFile), 'utf8').then(parsed, () => undefined);
    const file = await readFile(join(folder, stateFile)).catch(() => undefined);
    if (described === undefined || file === undefined) return undefined;
    if (createHash('sha256').update(file).digest('hex') !== described.stateSha256) return undefined;
    if (described.runDigest !== this.runDigest) {
      throw new Failure(
        'INVALID_ARGUMENT',
        `${this.folder} has checkpoints of another configuration. Choose another folder for the run, or --restart.`,
      );
    }
    const plain = this.opened(file);
    if (plain === undefined) return undefined;
    const weights = new Map<string, WeightArray>();
    const velocities = new Map<string, WeightArray>();
    const gradients = new Map<string, WeightArray>();
    const kinds = [
      [velocityName(''), velocities],
      [gradientName(''), gradients],
      ['', weights],
    ] as const;
    for (const [name, array] of readSafetensors(plain)) {
      const [prefix, arrays] = kinds.find(([start]) => name.startsWith(start)) ?? kinds[2];
      arrays.set(name.slice(prefix.length), array);
    }
    const { place, lossState } = described;
    const midway = gradients.size === 0 ? {} : { gradients };
    return { place, state: { weights, velocities, lossState, ...midway } };
  }

  /** Undefined where it was sealed with another key. */
  private opened(file: Uint8Array): Uint8Array | undefined {
    if (this.box === undefined) return file;
    try {
      return this.box.open(file, this.context);
    } catch (error) {
      if (error instanceof SealBroken) return undefined;
      throw error;
    }
  }

  private get context(): string {
    return `checkpoint ${this.runDigest}`;
  }

  private async names(): Promise<string[]> {
    const entries = await readdir(this.folder).catch((error: unknown) => {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw error;
    });
    return entries.filter((name) => namePattern.test(name)).sort();
  }

  private async dropOld(): Promise<void> {
    const old = (await this.names()).slice(0, -KEPT);
    await Promise.all(old.map(async (name) => rm(join(this.folder, name), { recursive: true, force: true })));
  }
}

function parsed(text: string): z.infer<typeof placeSchema> | undefined {
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    // Cut short: as if it was not there.
    return undefined;
  }
}
