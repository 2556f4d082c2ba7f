import { invalidField } from '../../../core/invalid-field.js';
import { Failure } from '../../../core/failure.js';
import {
  type CalibratedThreshold,
  howToCalibrate,
  ratesText,
  thresholdOfRate,
} from '../../../core/protocols/calibration/model-calibration.js';
import type { ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { Requester } from '../../access/caller.js';
import type { CurrentCalibrations } from '../calibration/current-calibrations.js';
import type { OperatingPoint } from './operating-point.js';
import type { OperatingPointStore } from './operating-point.store.js';

/** The operating point, and what it means for the backbone that serves. */
export interface ServedOperatingPoint extends OperatingPoint {
  readonly modelVersion: string;
  /** Those of the backbone that serves, by falling rate. */
  readonly thresholds: readonly CalibratedThreshold[];
}

interface ManageOperatingPointParts {
  readonly store: Pick<OperatingPointStore, 'current' | 'set'>;
  readonly calibrations: Pick<CurrentCalibrations, 'calibrationOf' | 'forgetOperatingPoint'>;
  /** What serves now. */
  readonly served: () => ServedModels | undefined;
}

/** The false match rate in force: what it is, and how an administrator puts another one there. */
export class ManageOperatingPoint {
  constructor(private readonly parts: ManageOperatingPointParts) {}

  /** @throws Failure SHUTTING_DOWN, DATABASE_UNAVAILABLE */
  async get(): Promise<ServedOperatingPoint> {
    const served = await this.served();
    return { ...(await this.parts.store.current()), ...served };
  }

  /** @throws Failure INVALID_ARGUMENT, THRESHOLD_NOT_CALIBRATED, SHUTTING_DOWN, DATABASE_UNAVAILABLE */
  async set(falseMatchRate: number, requester: Requester): Promise<ServedOperatingPoint> {
    requireRate(falseMatchRate);
    const served = await this.served();
    const threshold = thresholdOfRate(served, falseMatchRate);
    if (threshold === undefined) throw notCalibrated(served, falseMatchRate);
    const point = await this.parts.store.set(threshold.falseMatchRate, requester);
    this.parts.calibrations.forgetOperatingPoint();
    return { ...point, ...served };
  }

  private async served(): Promise<Pick<ServedOperatingPoint, 'modelVersion' | 'thresholds'>> {
    const models = this.parts.served();
    if (models === undefined) {
      throw new Failure('SHUTTING_DOWN', 'The service is starting or shutting down. Try again.');
    }
    const calibration = await this.parts.calibrations.calibrationOf(models);
    return { modelVersion: models.backboneId, thresholds: calibration?.thresholds ?? [] };
  }
}

function requireRate(falseMatchRate: number): void {
  if (falseMatchRate > 0 && falseMatchRate < 1) return;
  throw invalidField('false_match_rate', `must be between 0 and 1, got ${falseMatchRate}`);
}

function notCalibrated(
  { modelVersion, thresholds }: Pick<ServedOperatingPoint, 'modelVersion' | 'thresholds'>,
  falseMatchRate: number,
): Failure {
  const message =
    thresholds.length === 0
      ? `${modelVersion}, which serves, was not calibrated, so that it has a threshold at no false match rate. Calibrate it first.`
      : `${modelVersion}, which serves, has thresholds at false match rates of ${ratesText(thresholds)}, not of ` +
        `${falseMatchRate}. Choose one of these. ${howToCalibrate(falseMatchRate)}`;
  const metadata = { id: modelVersion, false_match_rate: String(falseMatchRate) };
  return new Failure('THRESHOLD_NOT_CALIBRATED', message, metadata);
}
