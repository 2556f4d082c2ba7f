import { rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { FailureRecord } from '../../core/failure-record.js';
import { replaceFile } from '../../storage/files/durable-files.js';

const natural = z.number().int().nonnegative();

const messageSchema = z.object({ message: z.string() });

const outcomeSchema = z.object({
  state: z.enum(['finished', 'stopped', 'failed']),
  /** Steps that are done. */
  steps: natural,
  /** The data; it is absent where the run failed before they were read. */
  data: z
    .object({
      classCount: natural,
      faceCount: natural,
      symmetricCount: natural,
      /** N' (Eq. 8): halves count as samples of their own */
      samplesPerEpoch: natural,
      /** The samples of all steps that are done. */
      samplesSeen: natural.optional(),
    })
    .optional(),
  failure: z.custom<FailureRecord>((value) => messageSchema.safeParse(value).success).optional(),
});

/** How a run of `symface train` ended, for other programs. */
export type RunResult = z.infer<typeof outcomeSchema>;

const outcomeFile = 'outcome.json';

/** @throws the system's error */
export async function writeRunResult(runFolder: string, outcome: RunResult): Promise<void> {
  await replaceFile(join(runFolder, outcomeFile), `${JSON.stringify(outcome, null, 2)}\n`);
}

/** A run that goes on has no outcome. @throws the system's error */
export function removeRunResult(runFolder: string): void {
  rmSync(join(runFolder, outcomeFile), { force: true });
}

/** The outcome of a run; undefined where it goes on, was killed, or never began. */
export async function readRunResult(runFolder: string): Promise<RunResult | undefined> {
  try {
    return outcomeSchema.parse(JSON.parse(await readFile(join(runFolder, outcomeFile), 'utf8')));
  } catch {
    return undefined;
  }
}
