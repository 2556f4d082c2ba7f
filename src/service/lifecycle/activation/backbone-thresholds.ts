import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import { ratesText, thresholdOfRate } from '../../../core/protocols/calibration/model-calibration.js';
import type { CalibrationStore } from '../../verification/calibration/calibration.store.js';
import type { OperatingPointStore } from '../../verification/operating-point/operating-point.store.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';

/** Whether backbones have a threshold at the false match rate in force: one that has none would decide nothing, or loosely. */
export class BackboneThresholds {
  constructor(
    private readonly calibrations: Pick<CalibrationStore, 'newest'>,
    private readonly operatingPoint: Pick<OperatingPointStore, 'current'>,
  ) {}

  /** @returns Failure MODEL_NOT_CALIBRATED with both numbers; undefined where nothing is lacking, as of detectors */
  async lack({ id, manifest }: ModelVersion): Promise<Failure | undefined> {
    if (manifest.kind === 'detector') return undefined;
    const { falseMatchRate } = await this.operatingPoint.current();
    const calibration = (await this.calibrations.newest(id)) ?? manifest.calibration;
    const thresholds = calibration?.thresholds ?? [];
    if (thresholdOfRate({ thresholds }, falseMatchRate) !== undefined) return undefined;
    const bare =
      manifest.similarityThreshold === undefined ? '' : ' and one of no known rate in its manifest';
    const message =
      `The service decides at a false match rate of ${falseMatchRateText(falseMatchRate)}, and ${id} has thresholds at ` +
      `${ratesText(thresholds)}${bare}. Calibrate it on a folder of identities or a benchmark that supports the rate, or ` +
      'say that it is to serve without a threshold at the rate in force.';
    return new Failure('MODEL_NOT_CALIBRATED', message, {
      id,
      false_match_rate: String(falseMatchRate),
      supported_false_match_rates: thresholds.map((threshold) => threshold.falseMatchRate).join(' '),
    });
  }
}
