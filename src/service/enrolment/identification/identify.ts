import type { Caller } from '../../access/caller.js';
import { type CollectionKey, parseCollectionName } from '../../platform/resource-names.js';
import { Failure } from '../../../core/failure.js';
import {
  isMatch,
  type RequestedThreshold,
  requireUsable,
  type SimilarityThreshold,
} from '../../../core/verification/threshold.js';
import { retryAfterModelChange, type ModelChanges } from '../../models/serving/retry-after-model-change.js';
import {
  embeddedFace,
  type QualityFinding,
  type QualityRequirement,
  requireUsableQuality,
} from '../../verification/embedded-face.js';
import type { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import type { CollectionStore } from '../collections/collection.store.js';
import type {
  AnalysedFace,
  CallControl,
  FaceAnalysis,
  ServedModels,
} from '../../../inference/analyser/face-analysis.js';
import type { GalleryCandidate, GallerySearch, SearchMethod } from '../gallery/gallery-search.js';
import type { SubjectStore } from '../subjects/subject.store.js';
import type { VerificationImage } from '../../verification/verification-request.js';

export interface IdentifyCommand {
  /** The collection's name. */
  readonly collection: string;
  readonly image: VerificationImage;
  readonly selection: 'exactly-one' | 'largest';
  /** 0: {@link defaultCandidates}. */
  readonly maximumCandidates: number;
  /** The model version's own where it states none. */
  readonly threshold: RequestedThreshold;
  readonly quality: QualityRequirement;
  readonly method: SearchMethod;
}

/** A subject that the image may show. */
export interface IdentifiedCandidate extends GalleryCandidate {
  readonly matched: boolean;
  /** Empty where the subject has none. */
  readonly displayName: string;
}

export interface Identification {
  readonly collection: CollectionKey;
  readonly candidates: readonly IdentifiedCandidate[];
  readonly searchedFaceCount: number;
  readonly threshold: SimilarityThreshold;
  readonly face: AnalysedFace;
  readonly models: ServedModels;
  /** What would have been refused, had the request not allowed it. */
  readonly findings: readonly QualityFinding[];
}

const defaultCandidates = 5;
const maximumCandidatesAllowed = 100;

/** Finds the subjects of a collection that an image resembles. */
export class Identify {
  constructor(
    private readonly analysis: FaceAnalysis,
    private readonly collections: CollectionStore,
    private readonly subjects: Pick<SubjectStore, 'displayNames'>,
    private readonly gallery: GallerySearch,
    private readonly calibrations: CurrentCalibrations,
    private readonly models: ModelChanges,
  ) {}

  /**
   * @throws Failure INVALID_ARGUMENT, COLLECTION_NOT_FOUND, THRESHOLD_NOT_CALIBRATED, of the image (field `image`), of
   *   the engine or of the search
   */
  async execute(command: IdentifyCommand, caller: Caller, control: CallControl): Promise<Identification> {
    const collection = parseCollectionName(command.collection, caller.tenant, 'collection');
    const maximumCandidates = requireCandidates(command.maximumCandidates);
    requireUsable(command.threshold);
    requireUsableQuality(command.quality);
    const { searchable } = await this.collections.get(collection);
    if (command.method === 'approximate' && !searchable) throw notSearchable(command.collection);
    return retryAfterModelChange(this.models, async () =>
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
    const request = {
      ...command.image,
      selection: command.selection,
      wantEmbeddings: true,
      wantCrops: false,
    };
    const { models, outcomes } = await this.analysis.analyse([request], control);
    const { threshold } = await this.calibrations.judgement(command.threshold, models);
    const { face, embedding: probe, findings } = embeddedFace(outcomes[0], 'image', command.quality);
    const result = await this.gallery.search(
      { collection, modelVersion: models.backboneId, probe, maximumCandidates, method: command.method },
      control.signal,
    );
    const names = await this.subjects.displayNames(
      collection,
      result.candidates.map(({ subjectId }) => subjectId),
    );
    const candidates = result.candidates.map((candidate) => ({
      ...candidate,
      displayName: names.get(candidate.subjectId) ?? '',
      matched: isMatch(candidate.similarity, threshold),
    }));
    return { collection, candidates, searchedFaceCount: result.faceCount, threshold, face, models, findings };
  }
}

function requireCandidates(count: number): number {
  if (count === 0) return defaultCandidates;
  if (count >= 1 && count <= maximumCandidatesAllowed) return count;
  const field = 'max_candidates';
  const description = `must be 1 to ${maximumCandidatesAllowed}, not ${count}`;
  throw new Failure('INVALID_ARGUMENT', `${field} ${description}.`, { field }, [{ field, description }]);
}

function notSearchable(collection: string): Failure {
  return new Failure(
    'COLLECTION_NOT_SEARCHABLE',
    `${collection} keeps no index. Search it exactly, or create a collection with searchable set.`,
    { collection },
  );
}
