import { describe, expect, it } from 'vitest';

import { fromRecord } from '../../../core/failure-record.js';
import type { PairScores } from '../../../core/protocols/pair-scores.js';
import { answerTask } from './answer-task.js';

const measured = [0, 1, 2].map((angle) => ({
  embedding: Float32Array.of(Math.cos(angle), Math.sin(angle)),
  embeddingNorm: 1,
  rho: undefined,
  quality: undefined,
}));
const protocol = {
  images: ['a', 'b', 'c'].map((name) => ({ name, identity: undefined })),
  pairs: [
    { a: 0, b: 1, genuine: true },
    { a: 1, b: 2, genuine: true },
  ],
  foldCount: 2,
  measured,
  digests: measured.map(() => new Uint8Array(32)),
  facelessPolicy: 'different',
} as unknown as Extract<Parameters<typeof answerTask>[0], { type: 'report' }>['protocol'];

function errorOf(task: Parameters<typeof answerTask>[0]): Error {
  const reply = answerTask(task);
  if (!('error' in reply)) throw new Error('it answers');
  return fromRecord(reply.error);
}

describe('a task of statistics', () => {
  it('fails for the data set where nothing can be made of its pairs', () => {
    expect(errorOf({ type: 'report', protocol })).toMatchObject({
      reason: 'DATASET_INVALID',
      message: expect.stringContaining('impostor') as string,
    });
  });

  it('fails as a defect where models are compared on other pairs', () => {
    const outcomes = (genuine: readonly boolean[]): PairScores => ({
      similarities: Float64Array.of(0.5, 0.1),
      genuine,
      decidedRightly: [true, true],
      identities: undefined,
    });
    const error = errorOf({
      type: 'compare',
      first: outcomes([true, false]),
      second: outcomes([false, true]),
    });
    expect(error).not.toHaveProperty('reason');
    expect(error.message).toContain('the same pairs');
  });
});
