import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';

import { z } from 'zod';

import { Failure } from '../../core/failure.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import type { TrainingPosition } from '../../learning/step/training-run.js';
import { gradientName, velocityName } from '../../learning/step/step-definition.js';
import { DecryptionError, type SecretBox } from '../../storage/encryption/secret-box.js';
import { hasErrorCode, storageFailure, syncFolder, writeDurably } from '../../storage/files/durable-files.js';
import { readSafetensors, writeSafetensors } from '../../storage/weights/safetensors.js';

/** A state and where in the data it belongs. */
export interface Checkpoint {
  readonly position: TrainingPosition;
  readonly state: TrainingState;
}

/** The newest may be damaged by the disk; the one before it then serves. */
const KEPT = 2;
const stateFile = 'state.safetensors';
const positionFile = 'position.json';
const namePattern = /^step-\d{9}$/u;

const natural = z.number().int().nonnegative();
const placeSchema = z.object({
  position: z.object({ epoch: natural, batch: natural, step: natural }),
  /** The digest of the configuration's parts that the state belongs to. */
  runDigest: z.string(),
  stateSha256: z.string(),
  lossState: z.record(z.string(), z.number()),
});
type Description = z.infer<typeof placeSchema>;

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
  async save(checkpoint: Checkpoint): Promise<void> {
    const name = `step-${String(checkpoint.position.step).padStart(9, '0')}`;
    // Of one name, whichever process writes: what a killed one leaves is gone with the next checkpoint.
    const temporary = join(this.folder, '.writing');
    try {
      await rm(temporary, { recursive: true, force: true });
      await mkdir(temporary, { recursive: true });
      await this.write(temporary, checkpoint);
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

  private async write(folder: string, { position, state }: Checkpoint): Promise<void> {
    const { weights, velocities, lossState, gradients = new Map<string, WeightArray>() } = state;
    const arrays = new Map(weights);
    for (const [name, array] of gradients) arrays.set(gradientName(name), array);
    for (const [name, array] of velocities) arrays.set(velocityName(name), array);
    const stateSha256 = await this.writeArrays(join(folder, stateFile), arrays);
    const description: Description = { position, runDigest: this.runDigest, stateSha256, lossState };
    await writeDurably(join(folder, positionFile), JSON.stringify(description));
    await syncFolder(folder);
  }

  /** @returns the file's SHA-256, hex */
  private async writeArrays(path: string, arrays: Weights): Promise<string> {
    const plain = writeSafetensors(arrays);
    const file = this.box?.seal(plain, this.contextOf(path)) ?? plain;
    await writeDurably(path, file);
    return sha256Of(file);
  }

  /** Reads a checkpoint; undefined where a part of it is missing or damaged. */
  private async read(folder: string): Promise<Checkpoint | undefined> {
    const described = await readFile(join(folder, positionFile), 'utf8').then(parsed, () => undefined);
    if (described === undefined) return undefined;
    if (described.runDigest !== this.runDigest) {
      throw new Failure(
        'INVALID_ARGUMENT',
        `${this.folder} has checkpoints of another configuration. Choose another folder for the run, or --restart.`,
      );
    }
    const arrays = await this.readArrays(join(folder, stateFile), described.stateSha256);
    if (arrays === undefined) return undefined;
    return { position: described.position, state: stateOf(arrays, described) };
  }

  /** Reads arrays; undefined where the file is damaged, or was sealed with another key. */
  private async readArrays(path: string, sha256: string): Promise<Weights | undefined> {
    const file = await readFile(path).catch(() => undefined);
    if (file === undefined || sha256Of(file) !== sha256) return undefined;
    if (this.box === undefined) return readSafetensors(file);
    try {
      return readSafetensors(this.box.open(file, this.contextOf(path)));
    } catch (error) {
      if (error instanceof DecryptionError) return undefined;
      throw error;
    }
  }

  /** What a file is sealed as: one of a run's cannot stand in for another. */
  private contextOf(path: string): string {
    return `${basename(path)} ${this.runDigest}`;
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

function stateOf(arrays: Weights, { lossState }: Description): TrainingState {
  const weights = new Map<string, WeightArray>();
  const velocities = new Map<string, WeightArray>();
  const gradients = new Map<string, WeightArray>();
  const kinds = [
    [velocityName(''), velocities],
    [gradientName(''), gradients],
    ['', weights],
  ] as const;
  for (const [name, array] of arrays) {
    const [prefix, those] = kinds.find(([start]) => name.startsWith(start)) ?? kinds[2];
    those.set(name.slice(prefix.length), array);
  }
  return { weights, velocities, lossState, ...(gradients.size === 0 ? {} : { gradients }) };
}

function sha256Of(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

function parsed(text: string): Description | undefined {
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    // Cut short: as if it was not there.
    return undefined;
  }
}
