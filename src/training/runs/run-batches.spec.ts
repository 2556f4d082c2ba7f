import { expect, it } from 'vitest';

import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { parseTrainingConfiguration } from '../configuration/training-configuration.js';
import { RunBatches } from './run-batches.js';

/** Faces 2 and 3 are replayed; of each face the teacher says its number. */
const faces = Uint32Array.of(0, 1, 0, 2, 3, 2, 1, 3);
const targets = { dimension: 1, embeddings: Float32Array.of(0, 1, 2, 3) };
const replay = { faceCount: 2, identityCount: 1, dataSha256: '00' };

async function taughtBatch(faceLoss: string) {
  const configuration = parseTrainingConfiguration(
    `name: test
data: { format: identity-folder, path: a, kind: photograph, replay: { format: identity-folder, path: b, kind: photograph${faceLoss} } }
backbone: { onnx: a.onnx }
loss: { name: arcface }
distillation: { teacher: { start: true }, centre: false }
epochs: 1
batchSize: 8
learningRate: { initial: 0.1 }
`,
    'a.yaml',
  );
  const data = {
    ...{ batchesPerEpoch: 1, faceCount: 4, replay },
    labelsOf: () => [],
    async *batches() {
      yield await Promise.resolve({ ...someBatch(0), faces, place: 0, waitedMs: 0 });
    },
  };
  const batches = new RunBatches({ configuration, data, spec: smallTrainingSpec(), targets, options: {} });
  for await (const { batch } of batches.of(0, 0, new AbortController().signal)) return batch;
  throw new Error('there is no batch');
}

it('has the face loss learn what is replayed, unless it is not to', async () => {
  const learnt = await taughtBatch('');
  expect([...learnt.sampleMask]).toEqual([1, 1, 1, 1, 1, 1, 1, 0]);
  const kept = await taughtBatch(', faceLoss: false');
  expect([...kept.sampleMask]).toEqual([1, 1, 1, 0, 0, 0, 1, 0]);
  expect(kept.targets).toEqual(learnt.targets);
  expect([...(kept.targets?.mask ?? [])]).toEqual([0, 1, 0, 1, 1, 1, 1, 0]);
});
