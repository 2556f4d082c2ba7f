import { describe, expect, it } from 'vitest';
import type { Calibration, ModelCalibration } from '../../core/protocols/calibration/model-calibration.js';
import type { BenchmarkRun } from './benchmark-run.js';
import { CalibrateModel } from './calibrate-model.js';

const known: Calibration = {
  thresholds: [1e-1, 1e-2].map((falseMatchRate) => ({
    falseMatchRate,
    similarityThreshold: 0.4,
    bands: [{ upTo: 1, similarityThreshold: 0.4, impostorPairCount: 4_000 }],
  })),
  logistic: { slope: 1, offset: 0 },
  impostorPairCount: 4_000,
};

function setUp(rateInForce: number, calibration: Calibration | undefined) {
  const kept: Omit<ModelCalibration, 'createTime'>[] = [];
  const forgotten: string[] = [];
  const run = { modelVersion: 'net-1', datasetId: 'own', report: { impostorPairCount: 90, calibration } };
  const calibrate = new CalibrateModel({
    runs: { getRun: async () => Promise.resolve(run as unknown as BenchmarkRun) },
    store: {
      keep: async (given) => {
        kept.push(given);
        return Promise.resolve({ ...given, createTime: new Date(0) });
      },
      newest: async () => Promise.resolve(undefined),
    },
    current: {
      forget: (modelVersion) => {
        forgotten.push(modelVersion);
      },
    },
    operatingPoint: { current: async () => Promise.resolve({ falseMatchRate: rateInForce, set: undefined }) },
    models: { list: async () => Promise.resolve([]) },
  });
  const execute = async (allowUnsupportedRate = false) =>
    calibrate.execute('run-1', {
      allowUnsupportedRate,
      requester: { actor: 'anonymous', tenant: 'default' },
    });
  return { kept, forgotten, execute };
}

describe('CalibrateModel', () => {
  it('keeps the thresholds at every rate that the pairs support, and they are in force at once', async () => {
    const { kept, forgotten, execute } = setUp(1e-2, known);
    const origin = { modelVersion: 'net-1', datasetId: 'own', benchmarkRunId: 'run-1', description: 'own' };
    expect(await execute()).toEqual({ ...origin, ...known, createTime: new Date(0) });
    expect(kept).toEqual([{ ...origin, ...known }]);
    expect(forgotten).toEqual(['net-1']);
  });

  it('refuses what has no threshold at the rate in force, and changes nothing', async () => {
    const { kept, execute } = setUp(1e-3, known);
    await expect(execute()).rejects.toMatchObject({
      reason: 'CALIBRATION_UNSUPPORTED',
      message: expect.stringContaining('1e-3 needs 30000 impostor pairs') as string,
      metadata: { impostor_pair_count: '4000' },
    });
    expect(kept).toEqual([]);
  });

  it('keeps it all the same where that is said by name', async () => {
    const { kept, execute } = setUp(1e-3, known);
    await execute(true);
    expect(kept).toHaveLength(1);
  });

  it('keeps nothing where the pairs support no rate', async () => {
    const { kept, execute } = setUp(1e-1, undefined);
    await expect(execute(true)).rejects.toMatchObject({ metadata: { impostor_pair_count: '90' } });
    expect(kept).toEqual([]);
  });
});
