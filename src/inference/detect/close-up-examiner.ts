import type { DetectedFace } from '../../core/faces/face.js';
import { moveFace } from '../../core/faces/moved-face.js';
import type { SimilarityTransform } from '../../core/faces/similarity-transform.js';
import type { Photograph } from '../decode/photograph.js';
import type { BatchImage } from '../runtime/pixel-tensor.js';
import { centralFace, closeUpToPhotograph, faceOfViews, isOffCentre } from './close-up.js';
import type { FaceNetwork } from './face-network.js';
import { sampleFace } from './sample-photograph.js';

/** Faces that are looked at in one run: each takes two images of the batch. */
const facesPerRun = 16;
/** A close-up may be enlarged by this much before it is worth decoding the photograph finer. */
const enlargement = 1.5;

/** What both views of a face say of its being one that needs no look from another side. */
const upright = 0.95;
/** How much more both views must say of a face that is turned by quarters from what it was taken for, and at least. */
const turnedGain = 0.15;
const leastTurned = 0.75;

/** A face as its close-up shows it, in pixels of the photograph. */
interface ExaminedFace {
  readonly face: DetectedFace;
  readonly offCentre: boolean;
  /** What both views say, 0 to 1. */
  readonly viewProbability: number;
}

/** Looks at each face again, upright and from near, together with its mirror image. */
export class CloseUpExaminer {
  constructor(
    private readonly network: FaceNetwork,
    private readonly minimumProbability: number,
  ) {}

  /**
   * @param candidates in pixels of the photograph
   * @returns those that are faces, with better boxes and landmarks and with the landmarks' uncertainty
   */
  async examine(
    photograph: Photograph,
    candidates: readonly DetectedFace[],
  ): Promise<readonly DetectedFace[]> {
    const examined = await this.look(photograph, candidates);
    const [settled, offCentre] = [
      examined.filter((one) => !one.offCentre),
      examined.filter((one) => one.offCentre),
    ];
    // A box that is off by much spoils the close-up; the face that is seen then leans towards the right one.
    const again = await this.look(
      photograph,
      offCentre.map(({ face }) => face),
    );
    return [...settled, ...again].map(({ face }) => face);
  }

  private async look(
    photograph: Photograph,
    faces: readonly DetectedFace[],
  ): Promise<readonly ExaminedFace[]> {
    const examined: ExaminedFace[] = [];
    for (let start = 0; start < faces.length; start += facesPerRun) {
      const some = faces.slice(start, start + facesPerRun);
      const found = await this.turnUpright(photograph, some, await this.run(photograph, some, 0));
      examined.push(...found.filter((one) => one !== undefined));
    }
    return examined;
  }

  /**
   * Looks at the faces that are not surely upright from the other three sides too: a face that lies or is upside down passes for
   * an upright one now and then, but hardly ever for a surer one.
   */
  private async turnUpright(
    photograph: Photograph,
    faces: readonly DetectedFace[],
    found: readonly (ExaminedFace | undefined)[],
  ): Promise<readonly (ExaminedFace | undefined)[]> {
    const surest = [...found];
    const doubtful = faces.flatMap((face, index) =>
      (found[index]?.viewProbability ?? 0) < upright ? [{ face, index }] : [],
    );
    if (doubtful.length === 0) return surest;
    for (const turns of [1, 2, 3]) {
      const turned = await this.run(
        photograph,
        doubtful.map(({ face }) => face),
        turns,
      );
      for (const [place, { index }] of doubtful.entries()) {
        const [other, best] = [turned[place], surest[index]];
        const toBeat = Math.max(leastTurned, (best?.viewProbability ?? 0) + turnedGain);
        if (other !== undefined && other.viewProbability >= toBeat) surest[index] = other;
      }
    }
    return surest;
  }

  /** @returns for each face, in order, what is seen of it turned so; undefined where that is no face */
  private async run(
    photograph: Photograph,
    faces: readonly DetectedFace[],
    turns: number,
  ): Promise<readonly (ExaminedFace | undefined)[]> {
    const { input } = this.network;
    const transforms = faces.map((face) => closeUpToPhotograph(face, input, turns));
    const crops = await Promise.all(
      transforms.map(async (transform) => sampleFace(photograph, transform, input, enlargement)),
    );
    const images = crops.flatMap((image): BatchImage[] => [
      { image, mirrored: false },
      { image, mirrored: true },
    ]);
    // Both views count half, so one may be less probable than the face has to be.
    const views = await this.network.find(images, this.minimumProbability / 2);
    return transforms.map((transform, index) =>
      this.examined(faces[index], views[2 * index] ?? [], views[2 * index + 1] ?? [], transform),
    );
  }

  /**
   * One face, or none where one of the views shows none. Its probability is the geometric mean of what it was found with and
   * what its close-up says: either network alone is wrong on textures.
   */
  private examined(
    candidate: DetectedFace | undefined,
    direct: readonly DetectedFace[],
    inMirror: readonly DetectedFace[],
    closeUp: SimilarityTransform,
  ): ExaminedFace | undefined {
    const { input } = this.network;
    const [one, other] = [centralFace(direct, input), centralFace(inMirror, input)];
    if (one === undefined || other === undefined) return undefined;
    const seen = faceOfViews(one, other, input);
    const probability = Math.sqrt(seen.probability * (candidate?.probability ?? 0));
    const face = { ...seen, probability };
    if (face.probability < this.minimumProbability) return undefined;
    return {
      face: moveFace(face, closeUp),
      offCentre: isOffCentre(face, input),
      viewProbability: seen.probability,
    };
  }
}
