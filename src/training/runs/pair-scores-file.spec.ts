import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';
import { readPairScores, writePairScores } from './pair-scores-file.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-pair-scores-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

function result(set: string, change: Partial<EvaluationResult['scores']> = {}): EvaluationResult {
  const scores = {
    similarities: Float64Array.of(0.75, -0.125),
    genuine: [true, false],
    decidedRightly: [true, true],
    identities: [['ann', 'ann'] as const, ['ann', 'bob'] as const],
    ...change,
  };
  return { set, scores, halves: undefined } as Partial<EvaluationResult> as EvaluationResult;
}

it('keeps what a step said of each pair, with numbers for names', async () => {
  await writePairScores(folder, 20, [result('held-out')]);
  expect(await readPairScores(folder, 20)).toEqual({
    'held-out': {
      pairs: {
        similarities: Float64Array.of(0.75, -0.125),
        genuine: [true, false],
        decidedRightly: [true, true],
        identities: [['0', '0'], ['0', '1']], // prettier-ignore
      },
      halves: undefined,
    },
  });
  expect(await readFile(join(folder, 'pair-scores', 'step-20.json'), 'utf8')).not.toContain('ann');
});

it('adds sets that are measured later, keeps halves, and has none of another step', async () => {
  const halves = {
    faceCount: 1,
    distance: 0.1,
    ratio: 0.2,
    areaUnderCurve: 0.9,
    pairs: { similarities: Float64Array.of(0.5), genuine: [true], identities: [['ann', 'ann'] as const] },
  };
  await writePairScores(folder, 20, [{ ...result('held-out'), halves }]);
  await writePairScores(folder, 20, [result('lfw', { identities: undefined })]);
  const scores = await readPairScores(folder, 20);
  expect(scores['held-out']?.halves?.similarities).toEqual(Float64Array.of(0.5));
  expect(scores['lfw']?.pairs.identities).toBeUndefined();
  expect(await readPairScores(folder, 21)).toEqual({});
});
