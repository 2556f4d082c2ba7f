import { describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';
import { CurrentCalibrations } from './current-calibrations.js';

const models = {
  backboneId: 'net-1',
  detectorId: 'detector-1',
  similarityThreshold: { similarity: 0.9, description: 'recorded' },
};
const nothing = { similarityThreshold: undefined, falseMatchRate: undefined };

function calibrated(similarityThreshold: number): ModelCalibration {
  return {
    modelVersion: 'net-1',
    benchmarkRunId: 'e',
    datasetId: 'd',
    description: 'd',
    thresholds: [1e-2, 1e-3].map((falseMatchRate) => ({
      falseMatchRate,
      // A looser rate has a threshold of a tenth less.
      similarityThreshold: falseMatchRate === 1e-3 ? similarityThreshold : similarityThreshold - 0.1,
      bands: [{ upTo: 1, similarityThreshold, impostorPairCount: 30_000 }],
    })),
    logistic: { slope: 1, offset: 0 },
    impostorPairCount: 30_000,
    createTime: new Date(0),
  };
}

/** A store whose answer can be changed, and a clock that stands. */
function setUp() {
  const state = {
    answer: undefined as ModelCalibration | undefined | Failure,
    rate: 1e-3 as number | Failure,
    reads: 0,
    nowMs: 0,
  };
  const store = {
    newest: async () => {
      state.reads++;
      await Promise.resolve();
      if (state.answer instanceof Failure) throw state.answer;
      return state.answer;
    },
  };
  const operatingPoint = {
    current: async () => {
      await Promise.resolve();
      if (state.rate instanceof Failure) throw state.rate;
      return { falseMatchRate: state.rate, set: undefined };
    },
  };
  return { state, calibrations: new CurrentCalibrations(store, operatingPoint, () => state.nowMs) };
}

const down = new Failure('DATABASE_UNAVAILABLE', 'down');

describe('CurrentCalibrations', () => {
  it('reads once for calls at a time and for a moment, then again', async () => {
    const { state, calibrations } = setUp();
    const both = await Promise.all([1, 2].map(() => calibrations.judgement(nothing, models)));
    expect(both.map(({ overall }) => overall.similarity)).toEqual([0.9, 0.9]);
    expect(state.reads).toBe(1);
    state.answer = calibrated(0.4);
    expect((await calibrations.judgement(nothing, models)).overall.similarity).toBe(0.9);
    state.nowMs += 2_001;
    expect((await calibrations.judgement(nothing, models)).overall.similarity).toBe(0.4);
    expect(state.reads).toBe(2);
  });

  it('knows at once what was calibrated here, also while it reads', async () => {
    const { state, calibrations } = setUp();
    const old = calibrations.judgement(nothing, models);
    state.answer = calibrated(0.4);
    calibrations.forget('net-1');
    await old;
    expect((await calibrations.judgement(nothing, models)).overall.similarity).toBe(0.4);
  });

  it('goes on with what it knows while the database does not answer', async () => {
    const { state, calibrations } = setUp();
    state.answer = calibrated(0.4);
    await calibrations.judgement(nothing, models);
    state.answer = down;
    state.nowMs += 10_000;
    expect((await calibrations.judgement(nothing, models)).overall.similarity).toBe(0.4);
  });

  it('decides at the rate in force, whichever it is, and at once where it was set here', async () => {
    const { state, calibrations } = setUp();
    state.answer = calibrated(0.4);
    const decided = async () => (await calibrations.judgement(nothing, models)).overall;
    expect(await decided()).toMatchObject({ similarity: 0.4, falseMatchRate: 1e-3 });
    state.rate = 1e-2;
    expect((await decided()).falseMatchRate).toBe(1e-3);
    calibrations.forgetOperatingPoint();
    expect((await decided()).falseMatchRate).toBe(1e-2);
    const asked = { ...nothing, falseMatchRate: 1e-3 };
    expect((await calibrations.judgement(asked, models)).overall.falseMatchRate).toBe(1e-3);
  });

  it('takes no other rate for the one in force while that cannot be read', async () => {
    const { state, calibrations } = setUp();
    state.answer = calibrated(0.4);
    state.rate = down;
    await expect(calibrations.judgement(nothing, models)).rejects.toBe(down);
  });

  it('goes by the manifest where the version was never calibrated here', async () => {
    const { state, calibrations } = setUp();
    const recorded = { ...models, calibration: calibrated(0.7) };
    expect((await calibrations.calibrationOf(recorded))?.thresholds[1]?.similarityThreshold).toBe(0.7);
    state.answer = calibrated(0.4);
    calibrations.forget('net-1');
    expect((await calibrations.calibrationOf(recorded))?.thresholds[1]?.similarityThreshold).toBe(0.4);
  });

  it('takes no other threshold where it knows nothing and the database does not answer', async () => {
    const { state, calibrations } = setUp();
    state.answer = down;
    await expect(calibrations.judgement(nothing, models)).rejects.toBe(down);
    const requested = { ...nothing, similarityThreshold: 0.5 };
    const { overall, calibration } = await calibrations.judgement(requested, models);
    expect([overall.similarity, calibration]).toEqual([0.5, undefined]);
  });
});
