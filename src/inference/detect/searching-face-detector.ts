import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';
import type { CandidateLimit } from './candidate-limit.js';
import type { FaceDetector } from './face-detector.js';
import type { FaceNetwork } from './face-network.js';
import { tileLooks, wholeLook } from './looks.js';
import { type FaceCriteria, OrientedSearch } from './oriented-search.js';

/** The networks that a detector looks with; they may be one. */
export interface LookNetworks {
  /** The first look: the whole photograph, in few pixels. */
  readonly first: FaceNetwork;
  /** Closer looks. */
  readonly large: FaceNetwork;
}

/** Smaller faces, in pixels of a network's input, are not reliably seen. */
const smallestSeenInputPixels = 16;
/** Smaller faces, in pixels of the photograph, are not looked for: they cannot be verified. */
const smallestVerifiablePixels = 36;
/** Tiles show the photograph by up to this factor closer than the look before them. */
const closerBy = 2.5;
/** Share of the input that the photograph fills where a face may fill the photograph. */
const shareWithinMargin = 0.5;

/** How sure a face has to be in a turned photograph, and how much surer than any in the photograph as it is. */
const leastTurnedSureness = 0.5;
const turnedGain = 0.15;

/**
 * Finds faces in looks, each taken only where those before it leave something to be seen:
 *
 * 1. the whole photograph;
 * 2. where no face is certain, the photograph with a margin, in case that a face fills it;
 * 3. where no face is certain, or faces are so small that there may be smaller ones, the whole photograph in more pixels;
 * 4. where still no face is certain, the photograph turned by quarters, of which the surest counts;
 * 5. as in 3, parts of the photograph, closer and closer, down to the size of faces that can be verified.
 */
export class SearchingFaceDetector implements FaceDetector {
  constructor(
    private readonly networks: LookNetworks,
    private readonly criteria: FaceCriteria,
  ) {}

  /** @throws Failure MODEL_INVALID where a graph's outputs are not those of its family; MULTIPLE_FACES; those of decoding */
  async detect(photograph: Photograph, limit?: CandidateLimit): Promise<readonly DetectedFace[]> {
    const { first } = this.networks;
    const upright = new OrientedSearch(photograph, this.criteria, 0, limit);
    await upright.look(first, [wholeLook(photograph, first.input)]);
    if (!upright.isCertain) {
      await upright.look(first, [wholeLook(photograph, first.input, 0, shareWithinMargin)]);
    }
    await this.lookCloser(upright, photograph);
    const search = upright.isCertain ? upright : await this.surestTurn(upright, photograph, limit);
    await this.lookAtParts(search, photograph);
    return search.placedFaces();
  }

  /** The whole photograph in more pixels. */
  private async lookCloser(search: OrientedSearch, photograph: Photograph): Promise<void> {
    const { first, large } = this.networks;
    if (large === first) return;
    if (search.isCertain && !leavesSmallFaces(search)) return;
    await search.look(large, [wholeLook(photograph, large.input, search.turns)]);
  }

  /**
   * The photograph turned by a quarter, a half or three quarters where a face is clearly surer then: three more looks at
   * a photograph without a face are three more chances to see one.
   */
  private async surestTurn(
    upright: OrientedSearch,
    photograph: Photograph,
    limit: CandidateLimit | undefined,
  ): Promise<OrientedSearch> {
    const { first, large } = this.networks;
    const network = wholeScale(photograph, first) > 1 ? large : first;
    let surest = upright;
    let toBeat = Math.max(upright.sureness + turnedGain, leastTurnedSureness);
    for (const turns of [2, 1, 3] as const) {
      const turned = new OrientedSearch(photograph, this.criteria, turns, limit);
      await turned.look(network, [wholeLook(photograph, network.input, turns)]);
      if (turned.sureness <= toBeat) continue;
      surest = turned;
      toBeat = turned.sureness;
    }
    return surest;
  }

  /** No face is larger than the shorter side: of a strip, parts that show larger ones only are dozens of looks at nothing. */
  private async lookAtParts(search: OrientedSearch, photograph: Photograph): Promise<void> {
    const { large } = this.networks;
    const largestPixels = Math.min(photograph.width, photograph.height);
    while (
      !search.isFull &&
      largestPixels >= smallestVerifiablePixels &&
      smallestSeen(search) > smallestVerifiablePixels &&
      (!search.isCertain || search.hasSmallFaces)
    ) {
      const closest = smallestVerifiablePixels / smallestSeenInputPixels;
      const showsLargest = largestPixels / smallestSeenInputPixels;
      const scale = Math.max(Math.min(search.closestScale / closerBy, showsLargest), closest);
      const overlap = Math.min(smallestSeen(search), largestPixels);
      await search.look(large, tileLooks(photograph, large.input, scale, overlap, search.turns));
    }
  }
}

/** Pixels of the photograph along one of the network's input, in a look at the whole. */
function wholeScale({ width, height }: Photograph, { input }: FaceNetwork): number {
  return Math.max(width / input.width, height / input.height);
}

/** Size in pixels of the photograph of the smallest faces that the closest look could show. */
function smallestSeen({ closestScale }: OrientedSearch): number {
  return smallestSeenInputPixels * closestScale;
}

function leavesSmallFaces(search: OrientedSearch): boolean {
  return search.hasSmallFaces && smallestSeen(search) > smallestVerifiablePixels;
}
