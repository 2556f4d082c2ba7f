import type { DetectedFace } from '../../core/faces/face.js';
import { moveFace, rollRadians } from '../../core/faces/moved-face.js';
import { suppressNested, suppressOverlaps } from '../../core/faces/non-maximum-suppression.js';
import type { Photograph } from '../decode/photograph.js';
import type { CloseUpExaminer } from './close-up-examiner.js';
import type { FaceNetwork } from './face-network.js';
import { type Look, type QuarterTurns, scaleOf } from './looks.js';
import { sampleLook } from './sample-photograph.js';

/** From this probability on, a face makes it needless to turn the photograph. */
const certainProbability = 0.8;
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
  readonly closeUp?: CloseUpExaminer;
}

/** The faces that are found in a photograph turned one way, look by look. */
export class OrientedSearch {
  /** In pixels of the photograph, most probable first. */
  faces: readonly DetectedFace[] = [];
  /** Pixels of the photograph along one of the input's, in the closest look so far. */
  closestScale = Infinity;

  constructor(
    private readonly photograph: Photograph,
    private readonly criteria: FaceCriteria,
    readonly turns: QuarterTurns,
  ) {}

  /** 0 where there is no face. */
  get highestProbability(): number {
    return this.faces[0]?.probability ?? 0;
  }

  /**
   * Whether a face is certain. One that was seen lying or upside down is not: a network that was made for upright faces
   * misplaces its landmarks. A close-up is always upright.
   */
  get isCertain(): boolean {
    const [surest] = this.faces;
    if (surest === undefined || surest.probability < certainProbability) return false;
    if (this.criteria.closeUp !== undefined) return true;
    const rollAsSeen = rollRadians(surest.landmarks) + (this.turns * Math.PI) / 2;
    return Math.cos(rollAsSeen) >= leastUprightCosine;
  }

  /** Whether the smallest face is so small in the closest look that there may be more. */
  get hasSmallFaces(): boolean {
    return this.faces.some(
      ({ box }) => Math.max(box.width, box.height) < smallFaceInputPixels * this.closestScale,
    );
  }

  /** Adds the faces that the network sees. */
  async look(network: FaceNetwork, looks: readonly Look[]): Promise<void> {
    const { minimumProbability, maximumOverlap, closeUp } = this.criteria;
    const seen: DetectedFace[] = [];
    for (const look of looks) {
      const image = await sampleLook(this.photograph, look.inputToPhotograph, network.input);
      const [found = []] = await network.find([{ image, mirrored: false }], minimumProbability);
      seen.push(
        ...suppressOverlaps(found, maximumOverlap).map((face) => moveFace(face, look.inputToPhotograph)),
      );
      this.closestScale = Math.min(this.closestScale, scaleOf(look));
    }
    const candidates = suppressOverlaps(seen, maximumOverlap);
    const found = closeUp === undefined ? candidates : await closeUp.examine(this.photograph, candidates);
    const separate = suppressOverlaps([...this.faces, ...found], maximumOverlap);
    this.faces = suppressNested(separate, maximumShareInside);
  }
}
