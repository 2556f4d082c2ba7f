import { describe, expect, it } from 'vitest';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type {
  CalibratedThreshold,
  ModelCalibration,
} from '../../../core/protocols/calibration/model-calibration.js';
import { BackboneThresholds } from './backbone-thresholds.js';

const thresholdAt = (falseMatchRate: number): CalibratedThreshold => ({
  falseMatchRate,
  similarityThreshold: 0.4,
  bands: [{ upTo: 1, similarityThreshold: 0.4, impostorPairCount: 30_000 }],
});

function checking(rate: number, calibrated?: readonly number[]) {
  const calibration =
    calibrated && ({ thresholds: calibrated.map(thresholdAt) } as unknown as ModelCalibration);
  return new BackboneThresholds(
    { newest: async () => Promise.resolve(calibration) },
    { current: async () => Promise.resolve({ falseMatchRate: rate, set: undefined }) },
  );
}

const version = (manifest: object): ModelVersion =>
  ({ id: 'net-1', manifest: { kind: 'backbone', ...manifest } }) as unknown as ModelVersion;

describe('BackboneThresholds', () => {
  it('finds nothing lacking where the newest calibration, or the manifest, has the rate in force', async () => {
    const recorded = version({ calibration: { thresholds: [thresholdAt(1e-2), thresholdAt(1e-3)] } });
    expect(await checking(1e-3, [1e-2, 1e-3]).lack(version({}))).toBeUndefined();
    expect(await checking(1e-3).lack(recorded)).toBeUndefined();
    expect(await checking(1e-3).lack(version({ kind: 'detector' }))).toBeUndefined();
    // What was calibrated here is in force, not what the manifest says.
    expect((await checking(1e-3, [1e-2]).lack(recorded))?.reason).toBe('MODEL_NOT_CALIBRATED');
  });

  it('says both numbers of a version that would decide at another rate', async () => {
    const failure = await checking(1e-3, [1e-1, 1e-2]).lack(version({}));
    expect(failure?.reason).toBe('MODEL_NOT_CALIBRATED');
    expect(failure?.message).toContain(
      'at a false match rate of 1e-3, and net-1 has thresholds at 1e-1, 1e-2.',
    );
    expect(failure?.metadata).toEqual({
      id: 'net-1',
      false_match_rate: '0.001',
      supported_false_match_rates: '0.1 0.01',
    });
  });

  it('takes a bare threshold, which is of no known rate, for none', async () => {
    const similarityThreshold = { similarity: 0.36, description: 'by hand' };
    const failure = await checking(1e-3).lack(version({ similarityThreshold }));
    expect(failure?.message).toContain('has thresholds at none and one of no known rate in its manifest.');
  });
});
