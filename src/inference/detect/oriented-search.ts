import type { DetectedFace } from '../../core/faces/face.js';
import { moveFace, rollRadians } from '../../core/faces/moved-face.js';
import { suppressNested, suppressOverlaps } from '../../core/faces/non-maximum-suppression.js';
import type { Photograph } from '../decode/photograph.js';
import { type CandidateLimit, withinLimit } from './candidate-limit.js';
import { candidateShare, type CloseUpExaminer } from './close-up-examiner.js';
import type { FaceNetwork } from './face-network.js';
import { placedByFirstSighting } from './first-sighting.js';
import { type Look, type QuarterTurns, scaleOf } from './looks.js';
import { sampleLook } from './sample-photograph.js';
import { isCertainlyFace, surenessOf } from './sureness.js';

/** The probability from which on a face counts that only a further look shows. */
const furtherLookProbability = 0.75;
/** Of the angle by which a face is turned from upright, as it is looked at: 60 degrees. */
const leastUprightCosine = 0.5;
/** Smaller faces, in pixels of the input that they were found in, are seldom alone: others may have been too small. */
const smallFaceInputPixels = 40;
/** Share of a box that may lie in a larger one. Of faces of a crowd no box does by more. */
const maximumShareInside = 0.7;

/** What decides on faces. */
export interface FaceCriteria {
  readonly minimumProbability: number;
  /** Intersection over union from which on two boxes are of one face. */
  readonly maximumOverlap: number;
  /** Absent where the detector has no network for it: the faces stay as they are found. */
  readonly closeUp?: Pick<CloseUpExaminer, 'examine' | 'settled'>;
}

/** The faces that are found in a photograph turned one way, look by look. */
export class OrientedSearch {
  /** Whether a look has shown more faces than are looked at. */
  isFull = false;
  /** In pixels of the photograph, the surest sighting of each, most probable first. */
  faces: readonly DetectedFace[] = [];
  /** Pixels of the photograph along one of the input's, in the closest look so far. */
  closestScale = Infinity;
  /** What the looks so far have shown, in their order. */
  private sightings: readonly DetectedFace[] = [];

  constructor(
    private readonly photograph: Photograph,
    private readonly criteria: FaceCriteria,
    readonly turns: QuarterTurns,
    private readonly limit: CandidateLimit = { maximum: Infinity, rank: undefined },
  ) {}

  /**
   * How sure the surest face is, 0 to 1 (see {@link surenessOf}). 0 where there is none, or where it was not looked at upright, as every
   * close-up does: a network that was made for upright faces misplaces the landmarks of one that lies or is upside down.
   */
  get sureness(): number {
    const { closeUp } = this.criteria;
    const upright =
      closeUp === undefined ? this.faces.filter((face) => isSeenUpright(face, this.turns)) : this.faces;
    return Math.max(0, ...upright.map(surenessOf));
  }

  get isCertain(): boolean {
    return isCertainlyFace(this.sureness);
  }

  /**
   * The probability that a face must have in the next look. What the whole photograph, upright, did not show at first has to be
   * surer: each further look at a photograph without a face is another chance to take a texture for one.
   */
  private get requiredProbability(): number {
    const { minimumProbability } = this.criteria;
    const isFirstLook = this.turns === 0 && this.closestScale === Infinity;
    return isFirstLook || this.faces.length > 0
      ? minimumProbability
      : Math.max(minimumProbability, furtherLookProbability);
  }

  /** Whether the smallest face is so small in the closest look that there may be more. */
  get hasSmallFaces(): boolean {
    return this.faces.some(
      ({ box }) => Math.max(box.width, box.height) < smallFaceInputPixels * this.closestScale,
    );
  }

  /** Adds the faces that the network sees. @throws Failure MULTIPLE_FACES where they are too many */
  async look(network: FaceNetwork, looks: readonly Look[]): Promise<void> {
    const { maximumOverlap, closeUp } = this.criteria;
    const minimumProbability = this.requiredProbability;
    const candidateProbability =
      closeUp === undefined ? minimumProbability : candidateShare * minimumProbability;
    let seen: readonly DetectedFace[] = [];
    for (const look of looks) {
      const image = await sampleLook(this.photograph, look.inputToPhotograph, network.input);
      const [found = []] = await network.find([{ image, mirrored: false }], candidateProbability);
      const separate = suppressOverlaps(found, maximumOverlap);
      seen = this.bounded([...seen, ...separate.map((face) => moveFace(face, look.inputToPhotograph))]);
      this.closestScale = Math.min(this.closestScale, scaleOf(look));
    }
    const candidates = suppressOverlaps(seen, maximumOverlap);
    const examined = closeUp === undefined ? candidates : await closeUp.examine(this.photograph, candidates);
    const found = examined.filter(({ probability }) => probability >= minimumProbability);
    this.sightings = [...this.sightings, ...found];
    const all = suppressOverlaps([...this.faces, ...found], maximumOverlap);
    this.faces = suppressNested(all, maximumShareInside);
  }

  /**
   * The faces once all looks were taken: each where the first look at it placed it if that left doubt, and from near once more where its
   * landmarks waver. Where faces are not looked at from near, they stay as they are: what a face was found in decides how exactly it is
   * placed then.
   */
  async placedFaces(): Promise<readonly DetectedFace[]> {
    const { closeUp, maximumOverlap } = this.criteria;
    if (closeUp === undefined) return this.faces;
    const placed = placedByFirstSighting(this.faces, this.sightings, maximumOverlap);
    return closeUp.settled(this.photograph, placed);
  }

  /** Not more than are looked at from near; looks overlap, so those that are seen twice do not count. */
  private bounded(seen: readonly DetectedFace[]): readonly DetectedFace[] {
    if (seen.length <= this.limit.maximum) return seen;
    const candidates = suppressOverlaps(seen, this.criteria.maximumOverlap);
    const kept = withinLimit(candidates, this.limit);
    this.isFull ||= kept.length < candidates.length;
    return kept;
  }
}

function isSeenUpright({ landmarks }: DetectedFace, turns: QuarterTurns): boolean {
  return Math.cos(rollRadians(landmarks) + (turns * Math.PI) / 2) >= leastUprightCosine;
}
