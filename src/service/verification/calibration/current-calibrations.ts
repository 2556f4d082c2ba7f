import type { ModelCalibration } from '../../../core/protocols/calibration/model-calibration.js';
import { defaultFalseMatchRate } from '../../../core/verification/operating-point.js';
import {
  type RequestedThreshold,
  resolveThreshold,
  type ThresholdRule,
} from '../../../core/verification/threshold.js';
import type { CalibrationStore } from './calibration.store.js';
import type { ServedModels } from '../../../inference/analyser/face-analysis.js';

/** How long a calibration is remembered: after so long another replica's is in force here. */
const freshMs = 2_000;

interface Known {
  readonly calibration: ModelCalibration | undefined;
  readonly readAtMs: number;
}

/** Remembers the calibrations in force for a moment, since Verify asks with every call. */
export class CurrentCalibrations {
  private readonly known = new Map<string, Known>();
  private readonly reads = new Map<string, Promise<ModelCalibration | undefined>>();

  constructor(
    private readonly store: Pick<CalibrationStore, 'newest'>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /**
   * How the similarities of a call are judged.
   * @throws Failure THRESHOLD_NOT_CALIBRATED; INVALID_ARGUMENT for a threshold that can mean nothing; DATABASE_UNAVAILABLE where the calibration decides, cannot be read and was
   *   never read before: another threshold must not step in for it
   */
  async judgement(
    requested: RequestedThreshold,
    models: Pick<ServedModels, 'backboneId' | 'calibration' | 'similarityThreshold'>,
  ): Promise<ThresholdRule> {
    const calibration = await this.of(models.backboneId).catch((error: unknown) => {
      // Only the match probability is missing then.
      if (requested.similarityThreshold !== undefined) return undefined;
      throw error;
    });
    const sources = {
      calibration,
      recordedCalibration: models.calibration,
      recordedThreshold: models.similarityThreshold,
    };
    return resolveThreshold(requested, sources, defaultFalseMatchRate);
  }

  /** Forgets what is remembered of a version, which was just calibrated here. */
  forget(modelVersion: string): void {
    this.known.delete(modelVersion);
    this.reads.delete(modelVersion);
  }

  private async of(modelVersion: string): Promise<ModelCalibration | undefined> {
    const known = this.known.get(modelVersion);
    if (known !== undefined && this.nowMs() - known.readAtMs < freshMs) return known.calibration;
    const reading = this.reads.get(modelVersion) ?? this.read(modelVersion);
    // What was in force a moment ago is good enough while the database does not answer.
    return known === undefined ? reading : reading.catch(() => known.calibration);
  }

  private read(modelVersion: string): Promise<ModelCalibration | undefined> {
    const reading = this.store.newest(modelVersion).then(
      (calibration) => {
        // A reading that began before forget() is not remembered.
        if (this.reads.get(modelVersion) === reading) {
          this.known.set(modelVersion, { calibration, readAtMs: this.nowMs() });
          this.reads.delete(modelVersion);
        }
        return calibration;
      },
      (error: unknown) => {
        if (this.reads.get(modelVersion) === reading) this.reads.delete(modelVersion);
        throw error;
      },
    );
    this.reads.set(modelVersion, reading);
    return reading;
  }
}
