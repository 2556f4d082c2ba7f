import { invalidField } from '../../../core/invalid-field.js';
import type { Caller } from '../../access/caller.js';
import { type CollectionKey, parseCollectionName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import {
  type RequestedThreshold,
  requireUsable,
  type SimilarityThreshold,
  type ThresholdRule,
} from '../../../core/verification/threshold.js';
import { retryAfterModelChange, type ModelChanges } from '../../models/serving/retry-after-model-change.js';
import {
  type QualityFinding,
  type QualityRequirement,
  requireUsableQuality,
} from '../../verification/embedded-face.js';
import { embedProbe, type ProbeAnalysis, type ProbeFace } from '../../verification/embed-probe.js';
import type { VerificationObservers } from '../../verification/verification-observers.js';
import type { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import type { CollectionStore } from '../collections/collection.store.js';
import type { AnalysedFace, CallControl, ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { GalleryResult, GallerySearch, SearchMethod } from '../gallery/gallery-search.js';
import type { EnrolledFaceStore } from '../faces/enrolled-face.store.js';
import { judgeCandidates, type JudgedCandidate, searchedCandidates } from './judge-candidates.js';
import type { SubjectStore } from '../subjects/subject.store.js';
import type { Probe } from '../../verification/verification-request.js';
import type { SubjectPolicy } from '../../verification/verify-subject-command.js';

export interface IdentifyCommand {
  /** The collection's name. */
  readonly collection: string;
  readonly probe: Probe;
  /** Of the faces of an image; `all`: each is identified. */
  readonly selection: 'exactly-one' | 'largest' | 'all';
  /** 0: {@link defaultCandidates}. */
  readonly maximumCandidates: number;
  /** The model version's own where it states none. */
  readonly threshold: RequestedThreshold;
  readonly quality: QualityRequirement;
  readonly method: SearchMethod;
  /** How the subjects that were found are judged. */
  readonly policy: SubjectPolicy;
}

/** A subject that the image may show. */
export interface IdentifiedCandidate extends JudgedCandidate {
  /** Empty where the subject has none. */
  readonly displayName: string;
}

/** A face that was searched for, and whom it resembles. */
export interface IdentifiedFace {
  /** Undefined where an embedding was sent. */
  readonly face: AnalysedFace | undefined;
  readonly candidates: readonly IdentifiedCandidate[];
  /** Why it was not searched for, where it is not fit to be compared; of one face alone the call fails so. */
  readonly refusal: Failure | undefined;
  /** What would have been refused, had the request not allowed it. */
  readonly findings: readonly QualityFinding[];
}

export interface Identification {
  readonly collection: CollectionKey;
  /** One, unless all faces were asked for. */
  readonly faces: readonly IdentifiedFace[];
  /** The faces beyond {@link maximumFaces}, the smallest ones, which were not searched for. */
  readonly leftOutFaceCount: number;
  readonly searchedFaceCount: number;
  /** Enrolled faces that were left out since their templates cannot be opened. */
  readonly damagedFaceCount: number;
  /** Of pairs of all kinds. */
  readonly threshold: SimilarityThreshold;
  readonly models: ServedModels;
}

/** What is searched, the same for each face. */
interface Search {
  readonly collection: CollectionKey;
  readonly modelVersion: string;
  readonly maximumCandidates: number;
  readonly method: SearchMethod;
}

type JudgedResults = ReadonlyMap<ProbeFace, readonly JudgedCandidate[]>;

/** How many faces of one image are searched for. */
const maximumFaces = 64;
const defaultCandidates = 5;
const maximumCandidatesAllowed = 100;

interface IdentifyParts {
  readonly analysis: ProbeAnalysis;
  readonly collections: Pick<CollectionStore, 'get'>;
  readonly subjects: Pick<SubjectStore, 'displayNames'>;
  readonly faces: Pick<EnrolledFaceStore, 'templatesOfSubjects'>;
  readonly gallery: GallerySearch;
  readonly calibrations: CurrentCalibrations;
  readonly models: ModelChanges;
  readonly observer?: Pick<VerificationObservers, 'faceIdentified'>;
}

/** Finds the subjects of a collection that the faces of an image resemble. */
export class Identify {
  constructor(private readonly parts: IdentifyParts) {}

  /**
   * @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, THRESHOLD_NOT_CALIBRATED, EMBEDDING_NOT_COMPARABLE, of the
   *   image (field `image`), of the engine or of the search
   */
  async execute(command: IdentifyCommand, caller: Caller, control: CallControl): Promise<Identification> {
    const collection = parseCollectionName(command.collection, caller.tenant, 'collection');
    const maximumCandidates = requireCandidates(command.maximumCandidates);
    requireUsable(command.threshold);
    requireUsableQuality(command.quality);
    const { searchable } = await this.parts.collections.get(collection);
    if (command.method === 'approximate' && !searchable) throw notSearchable(command.collection);
    return retryAfterModelChange(this.parts.models, async () =>
      this.search(command, { collection, maximumCandidates }, control),
    );
  }

  private async search(
    command: IdentifyCommand,
    {
      collection,
      maximumCandidates,
    }: { readonly collection: CollectionKey; readonly maximumCandidates: number },
    control: CallControl,
  ): Promise<Identification> {
    const embedded = await embedProbe(this.parts.analysis, command, control);
    const { models } = embedded;
    const rule = await this.parts.calibrations.judgement(command.threshold, models);
    const chosen = largestFaces(embedded.faces);
    const search = {
      collection,
      modelVersion: models.backboneId,
      maximumCandidates: searchedCandidates(maximumCandidates),
      method: command.method,
    };
    const results = await this.resultsOf(chosen, search, control);
    const judged = await this.judged(rule, command.policy, results, search);
    const named = await this.named(collection, judged, maximumCandidates);
    this.tell(judged, models);
    const faces = chosen.map((probe) => ({
      face: probe.face,
      refusal: probe.refusal,
      findings: probe.findings,
      candidates: named.get(probe) ?? [],
    }));
    const leftOutFaceCount = embedded.faces.length - chosen.length;
    const searchedFaceCount = Math.max(0, ...[...results.values()].map(({ faceCount }) => faceCount));
    const damagedFaceCount = Math.max(0, ...[...results.values()].map((result) => result.damagedFaceCount));
    const counts = { leftOutFaceCount, searchedFaceCount, damagedFaceCount };
    return { collection, faces, ...counts, threshold: rule.overall, models };
  }

  private tell(judged: JudgedResults, { backboneId: modelVersion }: ServedModels): void {
    for (const candidates of judged.values())
      this.parts.observer?.faceIdentified({
        modelVersion,
        matched: candidates.some(({ matched }) => matched),
      });
  }

  /** The candidates of each face, those highest above their own thresholds first. */
  private async judged(
    rule: ThresholdRule,
    policy: SubjectPolicy,
    results: ReadonlyMap<ProbeFace, GalleryResult>,
    { collection, modelVersion }: Search,
  ): Promise<JudgedResults> {
    const ids = [...results.values()].flatMap(({ candidates }) =>
      candidates.map(({ subjectId }) => subjectId),
    );
    const { faces } = this.parts;
    const templates = await faces.templatesOfSubjects(collection, [...new Set(ids)], modelVersion);
    return new Map(
      [...results].map(([probe, { candidates }]) => {
        const compared = { embedding: probe.embedding, appearance: probe.face?.quality.appearance };
        return [probe, judgeCandidates(rule, policy, candidates, compared, templates)];
      }),
    );
  }

  private async named(
    collection: CollectionKey,
    judged: JudgedResults,
    maximumCandidates: number,
  ): Promise<ReadonlyMap<ProbeFace, readonly IdentifiedCandidate[]>> {
    const kept = new Map(
      [...judged].map(([probe, candidates]) => [probe, candidates.slice(0, maximumCandidates)] as const),
    );
    const subjectIds = new Set([...kept.values()].flat().map(({ subjectId }) => subjectId));
    const names = await this.parts.subjects.displayNames(collection, [...subjectIds]);
    return new Map(
      [...kept].map(([probe, candidates]) => [
        probe,
        candidates.map((candidate) => ({ ...candidate, displayName: names.get(candidate.subjectId) ?? '' })),
      ]),
    );
  }

  /** What was found for the faces that are fit; one after another, since there is one thread that compares. */
  private async resultsOf(
    faces: readonly ProbeFace[],
    search: Search,
    { signal }: CallControl,
  ): Promise<ReadonlyMap<ProbeFace, GalleryResult>> {
    const results = new Map<ProbeFace, GalleryResult>();
    for (const face of faces) {
      if (face.refusal !== undefined) continue;
      results.set(face, await this.parts.gallery.search({ ...search, probe: face.embedding }, signal));
    }
    return results;
  }
}

/** The largest faces, at most {@link maximumFaces}, in the order in which they were found. */
function largestFaces(faces: readonly ProbeFace[]): readonly ProbeFace[] {
  if (faces.length <= maximumFaces) return faces;
  const area = ({ face }: ProbeFace): number => (face === undefined ? 0 : face.box.width * face.box.height);
  const largest = new Set([...faces].sort((a, b) => area(b) - area(a)).slice(0, maximumFaces));
  return faces.filter((face) => largest.has(face));
}

function requireCandidates(count: number): number {
  if (count === 0) return defaultCandidates;
  if (count >= 1 && count <= maximumCandidatesAllowed) return count;
  throw invalidField('max_candidates', `must be 1 to ${maximumCandidatesAllowed}, not ${count}`);
}

function notSearchable(collection: string): Failure {
  return new Failure(
    'COLLECTION_NOT_SEARCHABLE',
    `${collection} keeps no index. Search it exactly, or give it one (IndexCollection, "symface collections index").`,
    { collection },
  );
}
