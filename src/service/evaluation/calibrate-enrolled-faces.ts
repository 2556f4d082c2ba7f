import { Failure } from '../../core/failure.js';
import type { ModelCalibration } from '../../core/protocols/calibration/model-calibration.js';
import type { SubjectCalibration } from '../../core/protocols/calibration/subject-calibration.js';
import type { Requester } from '../access/caller.js';
import type { CalibrationFaceStore } from '../enrolment/faces/calibration-face.store.js';
import type { CollectionKey } from '../platform/resource-names.js';
import type { CalibrateModel } from './calibrate-model.js';
import type { VerificationStatistics } from './statistics/verification-statistics.js';

export interface EnrolledCalibrationRequest {
  /** Id of a backbone's version; the one that serves where undefined. */
  readonly modelVersion: string | undefined;
  /** All collections of all tenants where undefined. */
  readonly collection: CollectionKey | undefined;
  readonly allowUnsupportedRate: boolean;
}

/** The calibration, and what it was found on. */
export interface EnrolledCalibration extends Omit<SubjectCalibration, 'calibration' | 'impostorPairCount'> {
  readonly calibration: ModelCalibration;
  /** Faces that were passed over. */
  readonly unmeasuredCount: number;
}

interface CalibrateEnrolledFacesParts {
  readonly faces: Pick<CalibrationFaceStore, 'faces'>;
  readonly statistics: Pick<VerificationStatistics, 'calibrate'>;
  readonly calibrate: Pick<CalibrateModel, 'keep'>;
  /** Id of the backbone that serves now. */
  readonly served: () => string | undefined;
  /** @throws Failure MODEL_NOT_FOUND */
  readonly requireBackbone: (id: string) => Promise<unknown>;
}

/** Their pairs are two hundred million at most, of which three million are drawn: seconds, in a thread. */
const mostFaces = 20_000;

/** Thresholds and match probabilities of a model version, from the faces that are enrolled. */
export class CalibrateEnrolledFaces {
  constructor(private readonly parts: CalibrateEnrolledFacesParts) {}

  /** @throws Failure MODEL_NOT_FOUND, COLLECTION_NOT_FOUND, CALIBRATION_UNSUPPORTED, SHUTTING_DOWN */
  async execute(
    { modelVersion: given, collection, allowUnsupportedRate }: EnrolledCalibrationRequest,
    requester: Requester,
  ): Promise<EnrolledCalibration> {
    const modelVersion = given ?? this.parts.served();
    if (modelVersion === undefined) {
      throw new Failure('SHUTTING_DOWN', 'The service is starting or shutting down. Try again.');
    }
    if (given !== undefined) await this.parts.requireBackbone(given);
    const { faces, unmeasuredCount } = await this.parts.faces.faces(modelVersion, collection, mostFaces);
    const { calibration: found, ...counts } = await this.parts.statistics.calibrate(faces);
    const description = `${counts.faceCount} enrolled faces of ${counts.subjectCount} subjects`;
    const kept = await this.parts.calibrate.keep(
      { modelVersion, benchmarkRunId: undefined, datasetId: undefined, description },
      { calibration: found, impostorPairCount: counts.impostorPairCount },
      { allowUnsupportedRate, requester },
    );
    return { ...counts, calibration: kept, unmeasuredCount };
  }
}
