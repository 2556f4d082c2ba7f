import { Failure } from '../../../core/failure.js';
import {
  type ModelCalibration,
  thresholdOfRate,
} from '../../../core/protocols/calibration/model-calibration.js';
import type { SubjectFace } from '../../../core/protocols/calibration/subject-calibration.js';
import { leastImpostorPairs } from '../../../core/protocols/calibration/threshold-bands.js';
import type { RegisteredModel } from '../../../storage/models/model-registry.js';
import type { Requester } from '../../access/caller.js';
import type { CalibrateModel } from '../../evaluation/calibrate-model.js';
import type { VerificationStatistics } from '../../evaluation/statistics/verification-statistics.js';
import type { OperatingPointStore } from '../../verification/operating-point/operating-point.store.js';
import { heldOutBelowOf } from '../retraining/held-out-bound.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';
import type { AssessedCalibration, Assessment } from './assessment.js';
import type { MeasureHeldOut, MeasuringControl } from './measure-held-out.js';

interface CalibrateCandidateParts {
  readonly calibrate: Pick<CalibrateModel, 'execute' | 'keep' | 'get'>;
  readonly operatingPoint: Pick<OperatingPointStore, 'current'>;
  readonly heldOut: Pick<MeasureHeldOut, 'facesBelow' | 'measure'>;
  readonly statistics: Pick<VerificationStatistics, 'calibrate'>;
}

export interface CandidateToCalibrate extends MeasuringControl {
  readonly candidate: RegisteredModel;
  /** What serves. */
  readonly baseline: RegisteredModel;
  readonly detectorVersion: string;
  readonly benchmarks: Assessment['benchmarks'];
  readonly requester: Requester;
}

/** What was looked at, and how many impostor pairs it has. */
interface Unsupported {
  readonly has: string;
}

/** More faces are not embedded for it: they have millions of pairs. */
const mostFaces = 3_000;

/**
 * Gives a candidate its thresholds at the false match rate in force: by the benchmark that the serving model was calibrated by, else by
 * the first that supports the rate, else by the enrolled faces that were held out of the candidate's training.
 */
export class CalibrateCandidate {
  constructor(private readonly parts: CalibrateCandidateParts) {}

  /** @throws Failure STORED_CROP_DAMAGED, MODEL_INVALID, DATABASE_UNAVAILABLE; the signal's reason */
  async execute(order: CandidateToCalibrate): Promise<Assessment['calibration']> {
    const { falseMatchRate } = await this.parts.operatingPoint.current();
    const unsupported: string[] = [];
    for (const { candidateRun, datasetId } of await this.byPreference(order)) {
      const found = await this.attempted(datasetId, falseMatchRate, async () =>
        this.parts.calibrate.execute(candidateRun, {
          allowUnsupportedRate: false,
          requester: order.requester,
        }),
      );
      if (!('has' in found)) return found;
      unsupported.push(found.has);
    }
    const found = await this.byHeldOut(order, falseMatchRate);
    if (!('has' in found)) return found;
    const needed = leastImpostorPairs(falseMatchRate);
    const counts = [...unsupported, found.has].join(', ');
    return {
      refusal:
        `the false match rate in force, ${falseMatchRateText(falseMatchRate)}, needs ${needed} impostor pairs; ${counts} ` +
        '(symface calibrate --folder, symface benchmark register)',
    };
  }

  /** That of the serving model's calibration comes first. */
  private async byPreference({
    baseline,
    benchmarks,
  }: CandidateToCalibrate): Promise<Assessment['benchmarks']> {
    const current = await this.parts.calibrate.get(baseline.version.id);
    const isSame = ({ datasetId }: { readonly datasetId: string }): boolean =>
      datasetId === current?.datasetId;
    return [...benchmarks].sort((a, b) => Number(isSame(b)) - Number(isSame(a)));
  }

  private async byHeldOut(
    order: CandidateToCalibrate,
    falseMatchRate: number,
  ): Promise<AssessedCalibration | Unsupported> {
    const { candidate, requester } = order;
    const faces = await this.heldOutFaces(order);
    const { calibration, subjectCount, faceCount, impostorPairCount } =
      await this.parts.statistics.calibrate(faces);
    const description = `${faceCount} enrolled faces of ${subjectCount} persons held out`;
    return this.attempted(description, falseMatchRate, async () =>
      this.parts.calibrate.keep(
        { modelVersion: candidate.version.id, benchmarkRunId: undefined, datasetId: undefined, description },
        { calibration, impostorPairCount },
        { allowUnsupportedRate: false, requester },
      ),
    );
  }

  private async heldOutFaces(order: CandidateToCalibrate): Promise<readonly SubjectFace[]> {
    const { candidate, detectorVersion } = order;
    const faces = await this.parts.heldOut.facesBelow(heldOutBelowOf(candidate.version.manifest));
    const some = faces.slice(0, mostFaces);
    const models = [{ modelVersion: candidate.version.id, detectorVersion }];
    const measured = await this.parts.heldOut.measure(some, models, order);
    return some.flatMap(({ identity: subject, collection }, index): SubjectFace[] => {
      const [image] = measured[index] ?? [];
      if (image?.appearance === undefined) return [];
      return [{ subject, collection, embedding: image.embedding, appearance: image.appearance }];
    });
  }

  private async attempted(
    what: string,
    falseMatchRate: number,
    calibrated: () => Promise<ModelCalibration>,
  ): Promise<AssessedCalibration | Unsupported> {
    try {
      const calibration = await calibrated();
      const threshold = thresholdOfRate(calibration, falseMatchRate);
      if (threshold === undefined) throw new Error('a calibration without a threshold at the rate in force');
      const { datasetId, description } = calibration;
      const { similarityThreshold } = threshold;
      return { datasetId, description, falseMatchRate, similarityThreshold };
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== 'CALIBRATION_UNSUPPORTED') throw error;
      return { has: `${what} has ${error.metadata['impostor_pair_count'] ?? '0'}` };
    }
  }
}
