import type { DetectedFace } from '../../core/faces/face.js';
import { moveFace } from '../../core/faces/moved-face.js';
import type { SimilarityTransform } from '../../core/faces/similarity-transform.js';
import type { Photograph } from '../decode/photograph.js';
import type { BatchImage } from '../runtime/pixel-tensor.js';
import { centralFace, faceOfViews, isOffCentre } from './close-up.js';
import type { InputSize } from './detector-outputs.js';
import type { FaceNetwork } from './face-network.js';
import { sampleFace } from './sample-photograph.js';

/** Close-ups that are looked at in one run; each takes two images of the batch. */
const closeUpsPerRun = 16;
/** A close-up may be enlarged by this much before it is worth decoding the photograph finer. */
const enlargement = 1.5;

/** What a close-up and its mirror image show together. */
export interface SeenFace {
  /** In pixels of the photograph; its probability is the mean of what both views say, 0 to 1. */
  readonly face: DetectedFace;
  /** Whether another close-up would show it better. */
  readonly offCentre: boolean;
}

/** Looks at close-ups, each together with its mirror image. */
export class CloseUpViews {
  /** @param minimumProbability of what one view shows */
  constructor(
    private readonly network: FaceNetwork,
    private readonly minimumProbability: number,
  ) {}

  get input(): InputSize {
    return this.network.input;
  }

  /**
   * @param closeUps where the points of each lie in the photograph
   * @returns what is seen in each, in order; undefined where one of both views shows no face in its middle
   */
  async of(
    photograph: Photograph,
    closeUps: readonly SimilarityTransform[],
  ): Promise<readonly (SeenFace | undefined)[]> {
    const seen: (SeenFace | undefined)[] = [];
    for (let start = 0; start < closeUps.length; start += closeUpsPerRun)
      seen.push(...(await this.run(photograph, closeUps.slice(start, start + closeUpsPerRun))));
    return seen;
  }

  private async run(
    photograph: Photograph,
    closeUps: readonly SimilarityTransform[],
  ): Promise<readonly (SeenFace | undefined)[]> {
    const { input } = this.network;
    const crops = await Promise.all(
      closeUps.map(async (closeUp) => sampleFace(photograph, closeUp, input, enlargement)),
    );
    const images = crops.flatMap((image): BatchImage[] => [
      { image, mirrored: false },
      { image, mirrored: true },
    ]);
    const views = await this.network.find(images, this.minimumProbability);
    return closeUps.map((closeUp, index) =>
      this.both(views[2 * index] ?? [], views[2 * index + 1] ?? [], closeUp),
    );
  }

  private both(
    direct: readonly DetectedFace[],
    inMirror: readonly DetectedFace[],
    closeUp: SimilarityTransform,
  ): SeenFace | undefined {
    const { input } = this.network;
    const [one, other] = [centralFace(direct, input), centralFace(inMirror, input)];
    if (one === undefined || other === undefined) return undefined;
    const face = faceOfViews(one, other, input);
    return { face: moveFace(face, closeUp), offCentre: isOffCentre(face, input) };
  }
}
