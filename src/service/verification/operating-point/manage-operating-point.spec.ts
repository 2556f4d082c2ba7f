import { describe, expect, it } from 'vitest';
import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';
import type { OperatingPoint } from './operating-point.js';
import { ManageOperatingPoint } from './manage-operating-point.js';

const someone = { actor: 'apiKeys/1', tenant: 'default' };

function setUp(rates: readonly number[], isServing = true) {
  const state = { point: { falseMatchRate: 1e-3, set: undefined } as OperatingPoint, forgotten: 0 };
  const thresholds = rates.map((falseMatchRate) => ({ falseMatchRate, similarityThreshold: 0.4 }));
  const manage = new ManageOperatingPoint({
    store: {
      current: async () => Promise.resolve(state.point),
      set: async (falseMatchRate, { actor }) => {
        state.point = { falseMatchRate, set: { actor, time: new Date(0) } };
        return Promise.resolve(state.point);
      },
    },
    calibrations: {
      calibrationOf: async () => Promise.resolve({ thresholds } as unknown as ModelCalibration),
      forgetOperatingPoint: () => {
        state.forgotten++;
      },
    },
    served: () =>
      isServing ? { backboneId: 'net-1', detectorId: 'detector-1', embeddingDimension: 4 } : undefined,
  });
  return { state, manage };
}

describe('ManageOperatingPoint', () => {
  it('puts a rate in force that the serving model has a threshold at, at once', async () => {
    const { state, manage } = setUp([1e-2, 1e-3, 1e-4]);
    // A tenth of a thousandth, as a client may compute it.
    const set = await manage.set(0.1 / 1000, someone);
    expect(set).toMatchObject({ falseMatchRate: 1e-4, modelVersion: 'net-1', set: { actor: 'apiKeys/1' } });
    expect(await manage.get()).toEqual(set);
    expect(state.forgotten).toBe(1);
  });

  it('refuses another one, says which there are, and changes nothing', async () => {
    const { state, manage } = setUp([1e-2, 1e-3]);
    await expect(manage.set(1e-4, someone)).rejects.toMatchObject({
      reason: 'THRESHOLD_NOT_CALIBRATED',
      message: expect.stringContaining(
        'net-1, which serves, has thresholds at false match rates of 1e-2, 1e-3',
      ) as string,
    });
    await expect(setUp([]).manage.set(1e-3, someone)).rejects.toMatchObject({
      message: expect.stringContaining('Calibrate it first') as string,
    });
    expect(state).toMatchObject({ point: { falseMatchRate: 1e-3 }, forgotten: 0 });
  });

  it.each([0, 1, -1, Number.NaN])('refuses %d as no rate', async (rate) => {
    await expect(setUp([1e-3]).manage.set(rate, someone)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      fieldViolations: [{ field: 'false_match_rate' }],
    });
  });

  it('answers nothing while no model serves', async () => {
    await expect(setUp([1e-3], false).manage.get()).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
  });
});
