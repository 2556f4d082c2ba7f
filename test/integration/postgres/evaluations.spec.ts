import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { PostgresEvaluationStore } from '../../../src/service/evaluation/postgres-evaluation-store.js';
import { PostgresCalibrationStore } from '../../../src/service/verification/calibration/postgres-calibration-store.js';
import {
  type EvaluationClaim as Claim,
  evaluationOrderKey,
} from '../../../src/service/evaluation/evaluation-store.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { someCaller, unitVector } from '../../support/enrolments.js';

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

  const create = async () =>
    store.create({
      id: randomUUID(),
      datasetId,
      imageCount: 3,
      facelessPolicy: 'excluded',
      codeVersion: 'symface 0.0.0',
      ...models,
    });

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
    expect((await store.unclaimed()).map((evaluation) => evaluation.id)).toContain(id);
    await store.finish(id, { state: 'cancelled' });
    await store.finish(id, { state: 'failed', reason: 'DATASET_INVALID', message: 'too late' });
    expect(await store.get(id)).toMatchObject({
      end: { state: 'cancelled' },
      endTime: expect.any(Date) as Date,
    });
    expect((await store.unclaimed()).map((evaluation) => evaluation.id)).not.toContain(id);
  });

  it('are worked on by one process at a time, until its lease is over or it gives it back', async () => {
    const { id } = await create();
    const [mine, theirs] = ['a', 'b'].map((claimant) => ({ id, claimant, leaseMs: 60_000 })) as [
      Claim,
      Claim,
    ];
    expect(await store.claim(mine, 0)).toBe(true);
    expect(await store.claim(theirs, 0)).toBe(false);
    expect(await store.claim(mine, 2)).toBe(true);
    expect((await store.get(id)).finishedImageCount).toBe(2);
    expect((await store.unclaimed()).map((evaluation) => evaluation.id)).not.toContain(id);
    // Not theirs to give back.
    await store.release(theirs);
    expect(await store.claim(theirs, 0)).toBe(false);
    await store.release(mine);
    expect((await store.unclaimed()).map((evaluation) => evaluation.id)).toContain(id);
    expect(await store.claim({ ...theirs, leaseMs: 1 }, 0)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await store.claim(mine, 0)).toBe(true);
    await store.finish(id, { state: 'cancelled' });
    expect(await store.claim(mine, 3)).toBe(false);
  });

  it('keep what each pair came to, without names', async () => {
    const { id } = await create();
    expect(await store.outcomesOf(id)).toBeUndefined();
    const outcomes = {
      similarities: Float64Array.of(0.1 + 0.2, -1, 1),
      genuine: [true, false, false],
      decidedRightly: [false, true, false],
      identities: [
        ['ada', 'ada'],
        ['ada', 'bob'],
        ['cyd', 'bob'],
      ] as const,
    };
    await store.finish(id, { state: 'cancelled' }, outcomes);
    const { identities, ...rest } = (await store.outcomesOf(id))!;
    expect(rest).toEqual({
      similarities: outcomes.similarities,
      genuine: outcomes.genuine,
      decidedRightly: outcomes.decidedRightly,
    });
    expect(identities).toEqual([
      ['0', '0'],
      ['0', '1'],
      ['2', '1'],
    ]);
    const unnamed = await create();
    await store.finish(unnamed.id, { state: 'cancelled' }, { ...outcomes, identities: undefined });
    expect((await store.outcomesOf(unnamed.id))!.identities).toBeUndefined();
  });

  it('calibrate a model version; the newest calibration is in force', async () => {
    const { id: evaluationId } = await create();
    const calibrations = new PostgresCalibrationStore(test.database);
    const modelVersion = `net-${randomUUID()}`;
    expect(await calibrations.newest(modelVersion)).toBeUndefined();
    const calibration = {
      modelVersion,
      evaluationId,
      datasetId,
      defaultFalseMatchRate: 1e-2,
      thresholds: [
        { falseMatchRate: 1e-2, similarityThreshold: 0.1 + 0.2, interval: { lower: 0.2, upper: 0.4 } },
      ],
      logistic: { slope: 12.5, offset: -3.25 },
      impostorPairCount: 3000,
    };
    await calibrations.keep({ ...calibration, defaultFalseMatchRate: 1e-1 }, someCaller);
    const kept = await calibrations.keep(calibration, someCaller);
    expect(kept).toMatchObject(calibration);
    expect(await calibrations.newest(modelVersion)).toEqual(kept);
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
    const quality = { faceSizePixels: 80.5, sharpness: 123.4, absoluteYawDegrees: 7.5 };
    const measured = { embedding: unitVector(5), embeddingNorm: 12.5, rho: 0.25, quality };
    const crop = { ...image, kind: 'aligned-crop' } as const;
    const faceless = { ...image, digest: Buffer.alloc(32, randomUUID()) };
    expect(await store.findMeasurements([image, crop, faceless], models)).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    // The same photograph may be in a data set twice.
    const kept = { image, measured } as const;
    await store.keepMeasurements([kept, { image: faceless, measured: 'faceless' }, kept], models);
    expect(await store.findMeasurements([faceless, crop, image, image], models)).toEqual([
      'faceless',
      undefined,
      measured,
      measured,
    ]);
    expect(await store.findMeasurements([image], { ...models, modelVersion: 'net-2' })).toEqual([undefined]);
    const [row] = await test.database.rows<{ sealed: Buffer }>(
      'SELECT sealed FROM measurements WHERE image_digest = $1',
      [image.digest],
    );
    expect(row!.sealed.includes(Buffer.from(measured.embedding.buffer))).toBe(false);
  });
});
