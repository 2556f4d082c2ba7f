import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { Failure } from '../../core/failure.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import type { TrainingState } from '../../learning/step/training-engine.js';
import type { TrainingPosition } from '../../learning/step/training-run.js';
import { gradientName, velocityName } from '../../learning/step/step-definition.js';
import { DecryptionError, type SecretBox } from '../../storage/encryption/secret-box.js';
import { hasErrorCode, storageFailure, syncFolder, writeDurably } from '../../storage/files/durable-files.js';
import {
  type FileSeal,
  readSafetensorsFile,
  writeSafetensorsFile,
} from '../../storage/weights/safetensors-file.js';

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
    const stateSha256 = await writeSafetensorsFile(join(folder, stateFile), arrays, this.seal);
    const description: Description = { position, runDigest: this.runDigest, stateSha256, lossState };
    await writeDurably(join(folder, positionFile), JSON.stringify(description));
    await syncFolder(folder);
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
  private async readArrays(path: string, wantedSha256: string): Promise<Weights | undefined> {
    try {
      const { weights, sha256 } = await readSafetensorsFile(path, this.seal);
      return sha256 === wantedSha256 ? weights : undefined;
    } catch (error) {
      // What a disk damaged is no such file either, or cannot be read.
      const isDamaged =
        error instanceof DecryptionError || error instanceof Failure || hasErrorCode(error, 'ENOENT', 'EIO');
      if (isDamaged) return undefined;
      throw error;
    }
  }

  /** What files are sealed by and as: one of a run's cannot stand in for another. */
  private get seal(): FileSeal | undefined {
    return this.box && { box: this.box, context: `${stateFile} ${this.runDigest}` };
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

function parsed(text: string): Description | undefined {
  try {
    return placeSchema.parse(JSON.parse(text));
  } catch {
    // Cut short: as if it was not there.
    return undefined;
  }
}
