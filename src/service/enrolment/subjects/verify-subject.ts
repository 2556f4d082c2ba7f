import type { Caller } from '../../access/caller.js';
import { facesNotReembedded } from '../faces-not-reembedded.js';
import { parseSubjectName, type SubjectKey } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import { beyondCalibration, poorness } from '../../../core/verification/pair-judgement.js';
import { requireUsable } from '../../../core/verification/threshold.js';
import { retryAfterModelChange, type ModelChanges } from '../../models/serving/retry-after-model-change.js';
import { type QualityFinding, requireUsableQuality } from '../../verification/embedded-face.js';
import { embedProbe, type ProbeAnalysis } from '../../verification/embed-probe.js';
import type { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import { comparedFaces } from '../faces/compared-faces.js';
import type { ComparableFace } from '../faces/enrolment.js';
import { judgeSubject, type SubjectJudgement } from '../faces/judge-subject.js';
import type { EnrolledFaceStore } from '../faces/enrolled-face.store.js';
import type { AnalysedFace, CallControl, ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { VerificationObserver } from '../../verification/verification-observer.js';
import type { SubjectStore } from './subject.store.js';
import type { VerifySubjectCommand } from '../../verification/verify-subject-command.js';

/** What the policy makes of the comparisons with a subject's faces. */
export interface SubjectVerification extends SubjectJudgement {
  readonly bestSimilarity: number;
  readonly meanSimilarity: number;
  readonly comparedFaceCount: number;
  /** Faces that were left out since their templates cannot be opened. */
  readonly damagedFaceCount: number;
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
   *   FACES_NOT_REEMBEDDED, THRESHOLD_NOT_CALIBRATED (beside each of its faces), EMBEDDING_NOT_COMPARABLE, of the image (field `image`), or of the engine
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
    const { matched, similarity, models } = verified;
    const modelVersion = models.backboneId;
    this.parts.observer?.subjectVerified(command, caller, { matched, elapsedMs, similarity, modelVersion });
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
    const rule = await calibrations.judgement(command.threshold, models);
    const enrolled = await faces.templatesOf(key, models.backboneId);
    if (enrolled.faceCount === 0) throw noFaces(command.subject);
    const { templates, missingCount, damagedCount } = enrolled;
    if (templates.length === 0 && damagedCount > 0) throw allDamaged(command.subject, damagedCount);
    if (missingCount > 0 || templates.length === 0)
      throw facesNotReembedded(models.backboneId, enrolled.faceCount - templates.length - damagedCount);
    const appearance = probe.face?.quality.appearance;
    const compared = comparedFaces({ ...probe, appearance }, templates);
    const judgement = judgeSubject(rule, command.policy, compared);
    if (judgement === undefined) throw beyondAll({ appearance }, templates);
    const similarities = compared.map(({ similarity }) => similarity);
    return {
      ...judgement,
      bestSimilarity: Math.max(...similarities),
      meanSimilarity: similarities.reduce((sum, similarity) => sum + similarity, 0) / similarities.length,
      comparedFaceCount: similarities.length,
      damagedFaceCount: damagedCount,
      face: probe.face,
      models,
      findings: probe.findings,
    };
  }
}

/** No threshold is known beside any face. Names the probe, or the enrolled face that is the least poor of the subject's, whichever is worse. */
function beyondAll(
  { appearance }: Pick<ComparableFace, 'appearance'>,
  enrolled: readonly ComparableFace[],
): Failure {
  const named = enrolled.map((face) => ({
    appearance: face.appearance,
    field: undefined,
    name: `the enrolled face ${face.faceId}`,
  }));
  const [first = { appearance: undefined, field: undefined, name: 'the subject' }, ...others] = named;
  const leastPoor = others.reduce((a, b) => (poorness(b) < poorness(a) ? b : a), first);
  return beyondCalibration({ appearance, field: 'image', name: 'the image' }, leastPoor);
}

function allDamaged(subject: string, damagedCount: number): Failure {
  return new Failure(
    'TEMPLATE_DAMAGED',
    `${subject} has no template that can be read: ${damagedCount} are damaged. Repair them from the stored crops by ` +
      'VerifyTemplates with repair ("symface faces verify --repair").',
    { subject, damaged_face_count: String(damagedCount) },
  );
}

function noFaces(subject: string): Failure {
  return new Failure('SUBJECT_HAS_NO_FACES', `${subject} has no enrolled face. Enrol one first.`, {
    subject,
  });
}
