import { randomUUID } from 'node:crypto';
import type { ModelChanges } from '../../models/serving/retry-after-model-change.js';
import type { Caller } from '../../access/caller.js';
import type { FaceRecord } from '../../../core/faces/face-record.js';
import type { QualityGate } from '../quality-gate.js';
import { parseSubjectName, type SubjectKey } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import { fromRecord, toRecord } from '../../../core/failure-record.js';
import type { CollectionStore } from '../collections/collection.store.js';
import type { EnrolledFaceStore } from './enrolled-face.store.js';
import { digestOf, type EnrolFacesCommand, partsOf, requireSameRequest } from './enrolment-request.js';
import { type ImageToEnrol, imagesToEnrol, withSettled } from './enrolled-images.js';
import type { Enrolment, EnrolledImageResult, RecordedRequest } from './enrolment.js';
import type { CallControl } from '../../../inference/analyser/face-analysis.js';
import type { GalleryRoom } from '../gallery/gallery-room.js';
import type { GallerySearch } from '../gallery/gallery-search.js';
import type { SubjectStore } from '../subjects/subject.store.js';
import { type ProbeAnalysis, requireComparable, servedBy } from '../../verification/embed-probe.js';
import type { TrustedEmbedding } from '../../verification/verification-request.js';
import { type EnrolmentCandidate, applyQualityGate, requireFinished } from './candidate.js';
import { withoutConflicts } from './subject-conflicts.js';

export type EnrolledImage =
  | { readonly ok: true; readonly face: FaceRecord; readonly alreadyEnrolled: boolean }
  | { readonly ok: false; readonly error: unknown };

export interface EnrolFacesResult {
  /** What became of each image, in the order of the request. */
  readonly images: readonly EnrolledImage[];
  readonly modelVersion: string;
  readonly detectorVersion: string;
  readonly replayed: boolean;
  /** What the collection took of the memory for exact search; 0 of a call that was answered before. */
  readonly galleryMemoryShare: number;
}

interface EnrolFacesParts {
  readonly analysis: ProbeAnalysis;
  readonly collections: CollectionStore;
  readonly subjects: SubjectStore;
  readonly faces: EnrolledFaceStore;
  readonly room: GalleryRoom;
  readonly gallery: GallerySearch;
  readonly models: ModelChanges;
}

/** What came of the images, or embeddings, of which nothing was known, in their order; and what looked at them. */
interface LookedAt {
  readonly looked: readonly EnrolmentCandidate[];
  readonly modelVersion: string;
  /** Empty where nothing was detected. */
  readonly detectorVersion: string;
}

/** How often conflicts are searched for anew where the collection has changed between the search and the writing. */
const maximumConflictChecks = 20;
/** How many changes of the backbone, and images that others enrol at the same time, one call goes along with. */
const maximumAttempts = 5;

/** Measures faces, judges them by the collection's gate and stores those that pass. */
export class EnrolFaces {
  constructor(private readonly parts: EnrolFacesParts) {}

  /**
   * Enrols the faces of some images, or embeddings. An image that fails does so alone; engine and database failures fail the call, and
   * then nothing is stored.
   * @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, SUBJECT_NOT_FOUND, REQUEST_ID_REUSED, MODEL_CHANGED, EMBEDDING_NOT_COMPARABLE, or of
   *   the engine
   */
  async execute(command: EnrolFacesCommand, caller: Caller, control: CallControl): Promise<EnrolFacesResult> {
    const subject = parseSubjectName(command.parent, caller.tenant, 'parent');
    const digest = digestOf(command);
    const earlier = await this.replay(command, subject, digest);
    if (earlier !== undefined) return earlier;
    const { qualityGate, ...collection } = await this.parts.collections.get(subject);
    const galleryMemoryShare = this.parts.room.shareOfGrowing(subject, collection);
    if (!command.createSubject) await this.parts.subjects.get(subject);
    for (let attempt = 0; attempt < maximumAttempts; attempt++) {
      const { createSubject, displayName, allowDuplicates } = command;
      const images = await imagesToEnrol(this.parts.faces, subject, partsOf(command.source), allowDuplicates);
      const { looked, ...versions } = await this.measure(command, images, qualityGate, control);
      const candidates = withSettled(images, looked);
      const about = { subject, createSubject, displayName, allowDuplicates, actor: caller.actor };
      const enrolment = { ...about, ...versions };
      const request = command.requestId === '' ? undefined : { id: command.requestId, digest };
      const settled = await this.store(candidates, enrolment, request, qualityGate, control);
      if (settled === 'model-changed') {
        await this.goOverTo(versions.modelVersion);
        continue;
      }
      if (settled === 'image-enrolled') continue;
      if (settled === 'repeated') return this.answerOfTheOther(command, subject, digest);
      const enrolled = settled.map(async (candidate) => this.enrolledImage(candidate, subject));
      return { images: await Promise.all(enrolled), ...versions, replayed: false, galleryMemoryShare };
    }
    throw modelChanged();
  }

  /** Looks at the images of which nothing is known yet. */
  private async measure(
    { source, selection }: EnrolFacesCommand,
    images: readonly ImageToEnrol[],
    gate: QualityGate,
    control: CallControl,
  ): Promise<LookedAt> {
    if ('embeddings' in source) return this.trusted(source.embeddings, images);
    const unknown = images.filter(({ settled }) => settled === undefined);
    const { models, outcomes } = await this.parts.analysis.analyse(
      unknown.map(({ encoded }) => ({
        encoded,
        kind: 'photograph',
        selection,
        wantEmbeddings: true,
        wantCrops: false,
        wantStoredCrops: true,
      })),
      control,
    );
    requireFinished(outcomes);
    return {
      looked: outcomes.map((outcome, index) =>
        applyQualityGate(outcome, gate, unknown[index]?.digest ?? new Uint8Array()),
      ),
      modelVersion: models.backboneId,
      detectorVersion: models.detectorId,
    };
  }

  /** Nothing can be measured on an embedding, and the gate cannot judge it. @throws Failure EMBEDDING_NOT_COMPARABLE */
  private trusted(embeddings: readonly TrustedEmbedding[], parts: readonly ImageToEnrol[]): LookedAt {
    const models = servedBy(this.parts.analysis);
    for (const [index, embedding] of embeddings.entries())
      requireComparable(embedding, models, `embeddings[${index}]`);
    const looked = embeddings.flatMap(({ values: embedding }, index): EnrolmentCandidate[] => {
      const { settled, digest: imageDigest = new Uint8Array() } = parts[index] ?? {};
      if (settled !== undefined) return [];
      return [
        { accepted: true, newFace: { id: randomUUID(), photographed: undefined, embedding, imageDigest } },
      ];
    });
    return { looked, modelVersion: models.backboneId, detectorVersion: '' };
  }

  /** Goes over to the active backbone: a face is stored with a template of it or not at all. */
  private async goOverTo(formerVersion: string): Promise<void> {
    const servedId = await this.parts.models.catchUp().catch((cause: unknown) => {
      throw modelChanged(cause);
    });
    if (servedId === formerVersion) throw modelChanged();
  }

  /** The answer of another call with the same request id, which was faster. */
  private async answerOfTheOther(
    command: EnrolFacesCommand,
    subject: SubjectKey,
    digest: Uint8Array,
  ): Promise<EnrolFacesResult> {
    const other = await this.replay(command, subject, digest);
    if (other === undefined) throw new Error('a request id was taken and is not recorded');
    return other;
  }

  private async enrolledImage(candidate: EnrolmentCandidate, subject: SubjectKey): Promise<EnrolledImage> {
    if (candidate.accepted) return this.storedFace(candidate.newFace.id, subject, false);
    if (candidate.enrolledFaceId === undefined) return { ok: false, error: candidate.error };
    return this.storedFace(candidate.enrolledFaceId, subject, true);
  }

  /** The enrolled face as it is stored now: it may have been deleted since it was enrolled, or before a replay. */
  private async storedFace(
    faceId: string,
    subject: SubjectKey,
    alreadyEnrolled: boolean,
  ): Promise<EnrolledImage> {
    try {
      return { ok: true, face: await this.parts.faces.get({ ...subject, faceId }), alreadyEnrolled };
    } catch (error) {
      if (error instanceof Failure && isGone(error)) return { ok: false, error };
      throw error;
    }
  }

  private async replay(
    { requestId }: EnrolFacesCommand,
    subject: SubjectKey,
    digest: Uint8Array,
  ): Promise<EnrolFacesResult | undefined> {
    if (requestId === '') return undefined;
    const recorded = await this.parts.faces.findRequest(subject.tenant, requestId);
    if (recorded === undefined) return undefined;
    requireSameRequest(recorded.digest, digest);
    const { modelVersion, detectorVersion } = recorded;
    const images = await Promise.all(
      recorded.outcomes.map(async (outcome): Promise<EnrolledImage> => {
        if ('faceId' in outcome)
          return this.storedFace(outcome.faceId, subject, outcome.alreadyEnrolled === true);
        return { ok: false, error: fromRecord(outcome) };
      }),
    );
    return { images, modelVersion, detectorVersion, replayed: true, galleryMemoryShare: 0 };
  }

  /**
   * Writes what is accepted. Where other subjects must not be similar, the search and the writing agree on the state
   * of the collection, so that of two calls that enrol one face under two subjects only one succeeds.
   */
  private async store(
    judged: readonly EnrolmentCandidate[],
    base: Omit<Enrolment, 'faces' | 'request' | 'expectedRevision'>,
    request: { readonly id: string; readonly digest: Uint8Array } | undefined,
    gate: QualityGate,
    control: CallControl,
  ): Promise<readonly EnrolmentCandidate[] | 'repeated' | 'model-changed' | 'image-enrolled'> {
    for (let check = 0; check < maximumConflictChecks; check++) {
      const { candidates, revision } = await withoutConflicts(
        this.parts.gallery,
        judged,
        base,
        gate,
        control.signal,
      );
      const faces = candidates.flatMap((candidate) => (candidate.accepted ? [candidate.newFace] : []));
      if (faces.length === 0) return candidates;
      control.signal.throwIfAborted();
      const outcome = await this.parts.faces.enrol({
        ...base,
        faces,
        ...(request !== undefined && { request: recordOf(request, candidates, base) }),
        ...(revision !== undefined && { expectedRevision: revision }),
      });
      if (outcome === 'stored') return candidates;
      if (outcome !== 'collection-changed') return outcome;
    }
    throw new Failure(
      'OVERLOADED',
      'The collection changed faster than its other subjects could be compared. Try again.',
    );
  }
}

function recordOf(
  { id, digest }: { readonly id: string; readonly digest: Uint8Array },
  candidates: readonly EnrolmentCandidate[],
  { modelVersion, detectorVersion }: Pick<Enrolment, 'modelVersion' | 'detectorVersion'>,
): RecordedRequest & { readonly id: string } {
  return { id, digest, outcomes: candidates.map(outcomeOf), modelVersion, detectorVersion };
}

function outcomeOf(candidate: EnrolmentCandidate): EnrolledImageResult {
  if (candidate.accepted) return { faceId: candidate.newFace.id };
  if (candidate.enrolledFaceId === undefined) return toRecord(candidate.error);
  return { faceId: candidate.enrolledFaceId, alreadyEnrolled: true };
}

/** Deleted since, or moved to the subject that its own was merged into. */
function isGone({ reason }: Failure): boolean {
  return reason.endsWith('_NOT_FOUND') || reason === 'SUBJECT_MERGED';
}

function modelChanged(cause?: unknown): Failure {
  return new Failure(
    'MODEL_CHANGED',
    'Another backbone was activated, and this replica cannot serve it yet. Try again.',
    {},
    [],
    cause === undefined ? undefined : { cause },
  );
}
