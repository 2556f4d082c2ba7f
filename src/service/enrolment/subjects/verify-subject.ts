import type { Caller } from '../../access/caller.js';
import { facesNotReembedded } from '../faces-not-reembedded.js';
import { parseSubjectName, type SubjectKey } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import { cosineSimilarity } from '../../../core/verification/similarity.js';
import { matchProbability } from '../../../core/protocols/calibration/logistic-calibration.js';
import { isMatch, requireUsable, type SimilarityThreshold } from '../../../core/verification/threshold.js';
import { retryAfterModelChange, type ModelChanges } from '../../models/serving/retry-after-model-change.js';
import { type QualityFinding, requireUsableQuality } from '../../verification/embedded-face.js';
import { embedProbe, type ProbeAnalysis } from '../../verification/embed-probe.js';
import type { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import type { EnrolledFaceStore } from '../faces/enrolled-face.store.js';
import type { AnalysedFace, CallControl, ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { VerificationObserver } from '../../verification/verification-observer.js';
import type { SubjectStore } from './subject.store.js';
import type { VerifySubjectCommand } from '../../verification/verify-subject-command.js';

export interface SubjectVerification {
  readonly matched: boolean;
  /** The cosine similarity by the policy, -1 to 1. */
  readonly similarity: number;
  readonly bestSimilarity: number;
  readonly meanSimilarity: number;
  readonly bestFaceId: string;
  readonly comparedFaceCount: number;
  readonly threshold: SimilarityThreshold;
  /** The probability that belongs to `similarity`; undefined where the model version is not calibrated. */
  readonly matchProbability: number | undefined;
  /** Undefined where an embedding was sent. */
  readonly face: AnalysedFace | undefined;
  readonly models: ServedModels;
  /** What would have been refused, had the request not allowed it. */
  readonly findings: readonly QualityFinding[];
}

interface VerifySubjectParts {
  readonly analysis: ProbeAnalysis;
  readonly subjects: Pick<SubjectStore, 'get'>;
  readonly faces: Pick<EnrolledFaceStore, 'templatesOf'>;
  readonly calibrations: CurrentCalibrations;
  readonly models: ModelChanges;
  readonly observer?: VerificationObserver;
}

/** Finds out whether an image shows an enrolled subject. */
export class VerifySubject {
  constructor(private readonly parts: VerifySubjectParts) {}

  /**
   * @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, SUBJECT_HAS_NO_FACES,
   *   FACES_NOT_REEMBEDDED, THRESHOLD_NOT_CALIBRATED, EMBEDDING_NOT_COMPARABLE, of the image (field `image`), or of the engine
   */
  async execute(
    command: VerifySubjectCommand,
    caller: Caller,
    control: CallControl,
  ): Promise<SubjectVerification> {
    const key = parseSubjectName(command.subject, caller.tenant, 'subject');
    requireUsable(command.threshold);
    requireUsableQuality(command.quality);
    // Before the image is looked at: who may not see a subject learns nothing from the time the answer takes.
    const { faceCount } = await this.parts.subjects.get(key);
    if (faceCount === 0) throw noFaces(command.subject);
    const startedAtMs = performance.now();
    const verified = await retryAfterModelChange(this.parts.models, async () =>
      this.compare(command, key, control),
    );
    const elapsedMs = performance.now() - startedAtMs;
    this.parts.observer?.subjectVerified(command, caller, { matched: verified.matched, elapsedMs });
    return verified;
  }

  private async compare(
    command: VerifySubjectCommand,
    key: SubjectKey,
    control: CallControl,
  ): Promise<SubjectVerification> {
    const { analysis, calibrations, faces } = this.parts;
    const { models, faces: probes } = await embedProbe(analysis, command, control);
    const [probe] = probes;
    if (probe === undefined) throw new Error('a selection of one face chose none');
    const { threshold, calibration } = await calibrations.judgement(command.threshold, models);
    const enrolled = await faces.templatesOf(key, models.backboneId);
    if (enrolled.faceCount === 0) throw noFaces(command.subject);
    const { templates, missingCount } = enrolled;
    if (missingCount > 0 || templates.length === 0)
      throw facesNotReembedded(models.backboneId, enrolled.faceCount - templates.length);
    const compared = templates.map(({ faceId, embedding }) => ({
      faceId,
      similarity: cosineSimilarity(probe.embedding, embedding),
    }));
    const best = compared.reduce((a, b) => (b.similarity > a.similarity ? b : a));
    const meanSimilarity = compared.reduce((sum, { similarity }) => sum + similarity, 0) / compared.length;
    const similarity = command.policy === 'best' ? best.similarity : meanSimilarity;
    return {
      matched: isMatch(similarity, threshold),
      similarity,
      bestSimilarity: best.similarity,
      meanSimilarity,
      bestFaceId: best.faceId,
      comparedFaceCount: compared.length,
      threshold,
      matchProbability: calibration && matchProbability(calibration.logistic, similarity),
      face: probe.face,
      models,
      findings: probe.findings,
    };
  }
}

function noFaces(subject: string): Failure {
  return new Failure('SUBJECT_HAS_NO_FACES', `${subject} has no enrolled face. Enrol one first.`, {
    subject,
  });
}
