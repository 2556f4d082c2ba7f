import { expect, it } from 'vitest';
import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';
import { CollapseWatch } from './collapse-watch.js';
import type { LogEntry } from './run-log.js';

const collapsed = {
  set: 'lfw',
  report: {
    areaUnderCurve: 0.9,
    accuracy: { mean: 0.9 },
    genuinePairCount: 300,
    impostorPairCount: 300,
    meanEmbeddingNorm: 0,
  },
  halves: undefined,
} as EvaluationResult;

it('says each sign once, also of a run that goes on, and nothing of weights that were drawn', async () => {
  const entries: LogEntry[] = [];
  const said: string[] = [];
  const log = { entries, append: (entry: LogEntry) => Promise.resolve(void entries.push(entry)) };
  const watch = (): CollapseWatch =>
    new CollapseWatch({
      log,
      onWarning: (text) => said.push(text),
      batchesPerEpoch: 5,
      batchSize: 2,
      hasSplitFaces: false,
    });
  const first = watch();
  await first.afterEvaluation(0, [collapsed]);
  expect(said).toEqual([]);
  await first.afterEvaluation(5, [collapsed]);
  await first.afterEvaluation(10, [collapsed]);
  await watch().afterEvaluation(15, [collapsed]);
  expect(said).toEqual([expect.stringContaining('On lfw embeddings have no length.')]);
  expect(entries).toMatchObject([{ kind: 'warning', step: 5, sign: 'no-length' }]);
});
