import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { VerificationReport } from '../../../src/core/protocols/verification-report.js';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { runOrderKey } from '../../../src/service/evaluation/benchmark.store.js';
import { BenchmarkStore } from '../../../src/service/evaluation/benchmark.store.js';
import { CalibrationStore } from '../../../src/service/verification/calibration/calibration.store.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { someCaller, unitVector } from '../../support/enrolments.js';

const models = { modelVersion: 'net-1', detectorVersion: 'detector-1' };
const report = { equalErrorRate: 0.1 + 0.2 } as VerificationReport;
const outcomes = {
  similarities: Float64Array.of(0.1 + 0.2, -1, 1),
  genuine: [true, false, false],
  decidedRightly: [false, true, false],
  identities: [
    ['ada', 'ada'],
    ['ada', 'bob'],
    ['cyd', 'bob'],
  ],
} as const;

describeOnEveryDatabase('benchmark runs', (test) => {
  let store: BenchmarkStore;
  let datasetId: string;

  beforeEach(async () => {
    store = new BenchmarkStore(test.database, test.keys);
    datasetId = `d-${randomUUID()}`;
    await store.createDataset(
      {
        id: datasetId,
        format: 'pairs-csv',
        path: '/data/pairs.csv',
        imageFolder: '',
        imageKind: 'photograph',
        pairCount: 2,
        imageCount: 3,
      },
      someCaller,
    );
  });

  const newRun = () => ({
    id: randomUUID(),
    datasetId,
    imageCount: 3,
    facelessPolicy: 'excluded' as const,
    codeVersion: 'symface 0.0.0',
    datasetDigest: 'digest',
    report,
    ...models,
  });
  const keep = async (): Promise<string> => {
    const run = newRun();
    await store.keepRun(run, outcomes);
    return run.id;
  };

  it('keep their data set, which is audited, and know what is not there', async () => {
    expect(await store.getDataset(datasetId)).toMatchObject({
      id: datasetId,
      format: 'pairs-csv',
      pairCount: 2,
    });
    await expect(store.getDataset('none')).rejects.toMatchObject({ reason: 'DATASET_NOT_FOUND' });
    const noRun = { reason: 'BENCHMARK_RUN_NOT_FOUND' };
    await expect(store.getRun(randomUUID())).rejects.toMatchObject(noRun);
    await expect(store.outcomesOf(randomUUID())).rejects.toMatchObject(noRun);
    const { createTime, ...dataset } = await store.getDataset(datasetId);
    expect(createTime).toBeInstanceOf(Date);
    const again = store.createDataset(dataset, someCaller);
    await expect(again).rejects.toMatchObject({ reason: 'DATASET_ALREADY_EXISTS' });
    const listed = await store.listDatasets({ limit: 1000, after: undefined });
    expect(listed.map(({ id }) => id)).toContain(datasetId);
    const events = await new AuditLog(test.database).list({ limit: 2, after: undefined });
    expect(events.filter(({ target }) => target === `datasets/${datasetId}`)).toMatchObject([
      {
        actor: someCaller.actor,
        action: 'dataset.register',
        details: { format: 'pairs-csv', path: '/data/pairs.csv' },
      },
    ]);
  });

  it('are kept once: an attempt that comes to its end a second time changes nothing', async () => {
    const run = newRun();
    await store.keepRun(run, outcomes);
    const { createTime, ...kept } = await store.getRun(run.id);
    expect(kept).toEqual(run);
    await store.keepRun({ ...run, codeVersion: 'another' }, { ...outcomes, identities: undefined });
    expect(await store.getRun(run.id)).toEqual({ ...run, createTime });
    expect((await store.outcomesOf(run.id)).identities).toBeDefined();
  });

  it('keep what each pair came to, without names', async () => {
    const { identities, ...rest } = await store.outcomesOf(await keep());
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
    const unnamed = newRun();
    await store.keepRun(unnamed, { ...outcomes, identities: undefined });
    expect((await store.outcomesOf(unnamed.id)).identities).toBeUndefined();
  });

  it('calibrate a model version; the newest calibration is in force, and audited', async () => {
    const benchmarkRunId = await keep();
    const calibrations = new CalibrationStore(test.database);
    const modelVersion = `net-${randomUUID()}`;
    expect(await calibrations.newest(modelVersion)).toBeUndefined();
    const calibration = {
      modelVersion,
      benchmarkRunId,
      datasetId,
      description: datasetId,
      thresholds: [
        {
          falseMatchRate: 1e-2,
          similarityThreshold: 0.1 + 0.2,
          bands: [{ upTo: 0.7, similarityThreshold: 0.1 + 0.2, impostorPairCount: 3000 }],
        },
      ],
      logistic: { slope: 12.5, offset: -3.25 },
      impostorPairCount: 3000,
    };
    await calibrations.keep({ ...calibration, impostorPairCount: 30 }, someCaller);
    const kept = await calibrations.keep(calibration, someCaller);
    expect(kept).toMatchObject(calibration);
    expect(await calibrations.newest(modelVersion)).toEqual(kept);
    const [event] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    expect(event).toMatchObject({
      actor: someCaller.actor,
      action: 'model.calibrate',
      target: `modelVersions/${modelVersion}`,
      details: {
        benchmark_run: `benchmarkRuns/${benchmarkRunId}`,
        description: datasetId,
        false_match_rates: '1e-2',
      },
    });
    // Of enrolled faces there is no benchmark.
    const [without, description] = [undefined, '4 enrolled faces of 2 subjects'];
    const enrolled = { ...calibration, benchmarkRunId: without, datasetId: without, description };
    const byFaces = await calibrations.keep(enrolled, someCaller);
    expect(await calibrations.newest(modelVersion)).toEqual(byFaces);
    expect(byFaces).toMatchObject(enrolled);
  });

  it('are listed newest first, page by page', async () => {
    const kept = [await keep(), await keep(), await keep()];
    const newest = await store.listRuns({ limit: 2, after: undefined });
    const older = await store.listRuns({ limit: 1, after: runOrderKey(newest[1]!) });
    const ids = [...newest, ...older].map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set(kept));
  });

  it('take what was measured before, for the same image and models only, sealed', async () => {
    const image = { digest: Buffer.alloc(32, randomUUID()), kind: 'photograph' } as const;
    const quality = { faceSizePixels: 80.5, sharpness: 123.4, absoluteYawDegrees: 7.5 };
    const measured = {
      embedding: unitVector(5),
      embeddingNorm: 12.5,
      rho: 0.25,
      quality,
      appearance: [0.1 + 0.2, -1],
    };
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
