import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import type { HalfPairs } from '../../core/protocols/metrics/half-symmetry.js';
import type { PairIdentities } from '../../core/protocols/metrics/identity-bootstrap.js';
import type { PairScores } from '../../core/protocols/pair-scores.js';
import { hasErrorCode, replaceFile, storageFailure } from '../../storage/files/durable-files.js';
import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';

/** What a network said of each pair of an evaluation set, and of pairs of halves where persons are known. */
export interface SetScores {
  readonly pairs: PairScores;
  readonly halves: HalfPairs | undefined;
}

const pairsSchema = z.object({
  similarities: z.array(z.number()),
  /** 1 and 0, a character a pair */
  genuine: z.string(),
  /** Two numbers a pair, persons in the order in which they come; absent where the data set names none. */
  persons: z.array(z.number().int()).optional(),
});
const fileSchema = z.record(
  z.string(),
  z.object({ pairs: pairsSchema.extend({ decidedRightly: z.string() }), halves: pairsSchema.optional() }),
);
type WrittenPairs = z.infer<typeof pairsSchema>;
type WrittenSets = z.infer<typeof fileSchema>;

/** What a float of 32 bits holds of a cosine. */
const decimals = 7;

/**
 * Keeps what a step's network said of each pair, so that an experiment can draw persons anew. Persons have numbers, not
 * names. Sets that were measured before at the same step stay.
 * @throws Failure STORAGE_FULL; the system's error
 */
export async function writePairScores(
  runFolder: string,
  step: number,
  results: readonly EvaluationResult[],
): Promise<void> {
  const path = pathOf(runFolder, step);
  const added = results.map(({ set, scores, halves }) => [
    set,
    {
      pairs: { ...written(scores), decidedRightly: bits(scores.decidedRightly) },
      ...(halves?.pairs === undefined ? {} : { halves: written(halves.pairs) }),
    },
  ]);
  try {
    await mkdir(join(runFolder, 'pair-scores'), { recursive: true });
    const all = { ...(await readWritten(path)), ...(Object.fromEntries(added) as WrittenSets) };
    await replaceFile(path, `${JSON.stringify(all)}\n`);
  } catch (error) {
    throw storageFailure(error, path);
  }
}

/** The scores of a step by evaluation set; none where they were not kept. */
export async function readPairScores(
  runFolder: string,
  step: number,
): Promise<Readonly<Record<string, SetScores>>> {
  const sets = await readWritten(pathOf(runFolder, step));
  return Object.fromEntries(
    Object.entries(sets).map(([set, { pairs, halves }]) => [
      set,
      {
        pairs: {
          ...scoredPairs(pairs),
          identities: identitiesOf(pairs),
          decidedRightly: flags(pairs.decidedRightly),
        },
        halves: halves && { ...scoredPairs(halves), identities: identitiesOf(halves) ?? [] },
      },
    ]),
  );
}

async function readWritten(path: string): Promise<WrittenSets> {
  try {
    return fileSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    // What is damaged is measured, or left out, anew.
    if (error instanceof SyntaxError || error instanceof z.ZodError || hasErrorCode(error, 'ENOENT'))
      return {};
    throw error;
  }
}

function written({
  similarities,
  genuine,
  identities,
}: Pick<PairScores, 'similarities' | 'genuine' | 'identities'>): WrittenPairs {
  const numbers = new Map<string, number>();
  const numberOf = (person: string): number => {
    const known = numbers.get(person) ?? numbers.size;
    numbers.set(person, known);
    return known;
  };
  return {
    similarities: Array.from(similarities, (similarity) => Number(similarity.toFixed(decimals))),
    genuine: bits(genuine),
    ...(identities === undefined ? {} : { persons: identities.flat().map(numberOf) }),
  };
}

function scoredPairs({ similarities, genuine }: WrittenPairs): Pick<PairScores, 'similarities' | 'genuine'> {
  return { similarities: Float64Array.from(similarities), genuine: flags(genuine) };
}

function identitiesOf({ persons, similarities }: WrittenPairs): readonly PairIdentities[] | undefined {
  return (
    persons &&
    similarities.map((_, pair) => [String(persons[2 * pair]), String(persons[2 * pair + 1])] as const)
  );
}

function bits(values: readonly boolean[]): string {
  return values.map((value) => (value ? '1' : '0')).join('');
}

function flags(text: string): readonly boolean[] {
  return Array.from(text, (bit) => bit === '1');
}

function pathOf(runFolder: string, step: number): string {
  return join(runFolder, 'pair-scores', `step-${step}.json`);
}
