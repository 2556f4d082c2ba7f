import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';
import { closeUpToPhotograph } from './close-up.js';
import { CloseUpViews } from './close-up-views.js';
import { confirmation } from './face-confirmation.js';
import type { FaceNetwork } from './face-network.js';
import { isUnsteady, isWavering, steadiedFace, sureProbability } from './steadied-face.js';
import { fromUprightSide } from './upright-side.js';

/**
 * What is looked at from near may be less probable by this factor than a face has to be: what close-ups say counts more than what
 * it was found with.
 */
export const candidateShare = 0.66;
/** What is less probable by this factor once it was looked at from near is not looked at any closer: it hardly ever turns out to be a face. */
const closerLookShare = 0.8;

/** Of what is said of a face, the part of what it was found with, and of what several close-ups say. */
const [foundShare, closeUpsShare] = [1 / 3, 2 / 3];
/** Of all that is said of a doubtful face, the part of its being confirmed by the network that found it. */
const confirmationShare = 1 / 2;

/** The networks that an examination looks with. */
export interface ExaminingNetworks {
  /** Looks at a face by itself, from near. */
  readonly closeUp: FaceNetwork;
  /** Finds faces in photographs. */
  readonly first: FaceNetwork;
}

/** A face as its close-up shows it. */
interface ExaminedFace {
  /** In pixels of the photograph. */
  readonly face: DetectedFace;
  /** 0 to 1, before it was looked at from near. */
  readonly foundProbability: number;
  readonly offCentre: boolean;
}

/** Looks at each face again, upright and from near, together with its mirror image. */
export class CloseUpExaminer {
  private readonly views: CloseUpViews;
  private readonly candidateProbability: number;

  constructor(
    private readonly networks: ExaminingNetworks,
    /** Of a face, 0 to 1; of what is returned, some may have {@link candidateShare} of it. */
    private readonly minimumProbability: number,
  ) {
    this.candidateProbability = candidateShare * minimumProbability;
    // Both views count half, so one may be less probable.
    this.views = new CloseUpViews(networks.closeUp, this.candidateProbability / 2);
  }

  /**
   * What is less probable than a face has to be is given no more than one look from near where another face is sure: beside it, the
   * weak ones are hardly ever faces, and were dearer than the face.
   * @param candidates in pixels of the photograph
   * @returns those that are faces, with better boxes and landmarks and with the landmarks' uncertainty
   */
  async examine(
    photograph: Photograph,
    candidates: readonly DetectedFace[],
  ): Promise<readonly DetectedFace[]> {
    const isLikely = ({ probability }: DetectedFace): boolean => probability >= this.minimumProbability;
    const likely = await this.facesAmong(photograph, candidates.filter(isLikely), false);
    const weak = candidates.filter((candidate) => !isLikely(candidate));
    if (weak.length === 0) return likely;
    const isOneSure = likely.some(({ probability }) => probability >= sureProbability);
    return [...likely, ...(await this.facesAmong(photograph, weak, isOneSure))];
  }

  /**
   * Eight more close-ups of each face whose landmarks waver, around where it was found: they depend less on where the first ones were
   * taken, which depends on the look that showed the face.
   * @param faces in pixels of the photograph, once it is certain that they are faces
   * @returns in order, as probable as they were
   */
  async settled(photograph: Photograph, faces: readonly DetectedFace[]): Promise<readonly DetectedFace[]> {
    const settled: DetectedFace[] = [];
    for (const face of faces) {
      const near = isWavering(face) ? await steadiedFace(this.views, photograph, face) : undefined;
      settled.push(near === undefined ? face : { ...near, probability: face.probability });
    }
    return settled;
  }

  /** @param once whether one look must be enough, and has to make them as probable as a face has to be */
  private async facesAmong(
    photograph: Photograph,
    candidates: readonly DetectedFace[],
    once: boolean,
  ): Promise<readonly DetectedFace[]> {
    const examined = await this.look(photograph, candidates, once);
    const [settled, offCentre] = [
      examined.filter((one) => !one.offCentre),
      examined.filter((one) => one.offCentre),
    ];
    // A box that is off by much spoils the close-up; the face that is seen then leans towards the right one.
    const centred = offCentre.map(({ face }) => face);
    const again = await this.look(photograph, centred, once);
    const faces: DetectedFace[] = [];
    for (const one of [...settled, ...again]) {
      const face = await this.steadied(photograph, one);
      if (face !== undefined && face.probability >= this.candidateProbability) faces.push(face);
    }
    return faces;
  }

  private async look(
    photograph: Photograph,
    faces: readonly DetectedFace[],
    once: boolean,
  ): Promise<readonly ExaminedFace[]> {
    const closeUps = faces.map((face) => closeUpToPhotograph(face, this.views.input));
    const direct = await this.views.of(photograph, closeUps);
    const upright = once ? direct : await fromUprightSide(this.views, photograph, faces, direct);
    const leastProbability = once ? this.minimumProbability : closerLookShare * this.minimumProbability;
    return upright.flatMap((seen, index): ExaminedFace[] => {
      const foundProbability = faces[index]?.probability ?? 0;
      if (seen === undefined) return [];
      // The geometric mean: either network alone is wrong on textures.
      const probability = Math.sqrt(seen.face.probability * foundProbability);
      if (probability < leastProbability) return [];
      return [{ face: { ...seen.face, probability }, foundProbability, offCentre: seen.offCentre }];
    });
  }

  private async steadied(
    photograph: Photograph,
    { face, foundProbability }: ExaminedFace,
  ): Promise<DetectedFace | undefined> {
    if (!isUnsteady(face)) return face;
    const near = await steadiedFace(this.views, photograph, face);
    if (near === undefined) return undefined;
    const probability = near.probability ** closeUpsShare * foundProbability ** foundShare;
    if (probability >= sureProbability) return { ...near, probability };
    const unconfirmed = probability ** (1 - confirmationShare);
    const needed = (this.minimumProbability / unconfirmed) ** (1 / confirmationShare);
    const confirmed = await confirmation(this.networks.first, photograph, near, needed);
    return { ...near, probability: unconfirmed * confirmed ** confirmationShare };
  }
}
