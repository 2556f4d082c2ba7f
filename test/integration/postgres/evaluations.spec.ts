import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { PostgresEvaluationStore } from '../../../src/adapters/postgres/postgres-evaluation-store.js';
import { evaluationOrderKey } from '../../../src/application/ports/evaluation-store.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { unitVector } from '../../support/enrolments.js';

const models = { modelVersion: 'net-1', detectorVersion: 'detector-1' };

describeOnEveryDatabase('evaluations', (test) => {
  let store: PostgresEvaluationStore;
  let datasetId: string;

  beforeEach(async () => {
    store = new PostgresEvaluationStore(test.database, test.box);
    datasetId = `d-${randomUUID()}`;
    await store.createDataset({
      id: datasetId,
      format: 'pairs-csv',
      path: '/data/pairs.csv',
      imageFolder: '',
      imageKind: 'photograph',
      pairCount: 2,
      imageCount: 3,
    });
  });

  const create = async () => store.create({ id: randomUUID(), datasetId, imageCount: 3, ...models });

  it('keep their data set, and know what is not there', async () => {
    expect(await store.getDataset(datasetId)).toMatchObject({
      id: datasetId,
      format: 'pairs-csv',
      pairCount: 2,
    });
    await expect(store.getDataset('none')).rejects.toMatchObject({ reason: 'DATASET_NOT_FOUND' });
    await expect(store.get(randomUUID())).rejects.toMatchObject({ reason: 'EVALUATION_NOT_FOUND' });
    const { createTime, ...dataset } = await store.getDataset(datasetId);
    expect(createTime).toBeInstanceOf(Date);
    await expect(store.createDataset(dataset)).rejects.toMatchObject({ reason: 'DATASET_ALREADY_EXISTS' });
    const listed = await store.listDatasets({ limit: 1000, after: undefined });
    expect(listed.map(({ id }) => id)).toContain(datasetId);
  });

  it('end once', async () => {
    const { id } = await create();
    expect((await store.unfinished()).map((evaluation) => evaluation.id)).toContain(id);
    await store.finish(id, { state: 'cancelled' });
    await store.finish(id, { state: 'failed', reason: 'DATASET_INVALID', message: 'too late' });
    expect(await store.get(id)).toMatchObject({
      end: { state: 'cancelled' },
      endTime: expect.any(Date) as Date,
    });
    expect((await store.unfinished()).map((evaluation) => evaluation.id)).not.toContain(id);
  });

  it('are listed newest first, page by page', async () => {
    const created = [await create(), await create(), await create()];
    const newest = await store.list({ limit: 2, after: undefined });
    const older = await store.list({ limit: 1, after: evaluationOrderKey(newest[1]!) });
    const ids = [...newest, ...older].map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(created.map(({ id }) => id)));
  });

  it('take what was measured before, for the same image and models only, sealed', async () => {
    const image = { digest: Buffer.alloc(32, randomUUID()), kind: 'photograph' } as const;
    const measured = { embedding: unitVector(5), embeddingNorm: 12.5, rho: 0.25 };
    expect(await store.findMeasurement(image, models)).toBeUndefined();
    await store.keepMeasurement(image, models, measured);
    expect(await store.findMeasurement(image, models)).toEqual(measured);
    expect(await store.findMeasurement({ ...image, kind: 'aligned-crop' }, models)).toBeUndefined();
    expect(await store.findMeasurement(image, { ...models, modelVersion: 'net-2' })).toBeUndefined();
    const faceless = { ...image, digest: Buffer.alloc(32, randomUUID()) };
    await store.keepMeasurement(faceless, models, 'faceless');
    expect(await store.findMeasurement(faceless, models)).toBe('faceless');
    const [row] = await test.database.rows<{ sealed: Buffer }>(
      'SELECT sealed FROM measurements WHERE image_digest = $1',
      [image.digest],
    );
    expect(row!.sealed.includes(Buffer.from(measured.embedding.buffer))).toBe(false);
  });
});
