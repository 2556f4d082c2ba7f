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

/** A face as its close-up shows it, in pixels of the photograph. */
interface ExaminedFace {
  readonly face: DetectedFace;
  readonly offCentre: boolean;
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
      examined.push(...(await this.run(photograph, faces.slice(start, start + facesPerRun))));
    }
    return examined;
  }

  private async run(
    photograph: Photograph,
    faces: readonly DetectedFace[],
  ): Promise<readonly ExaminedFace[]> {
    const { input } = this.network;
    const transforms = faces.map((face) => closeUpToPhotograph(face, input));
    const crops = await Promise.all(
      transforms.map(async (transform) => sampleFace(photograph, transform, input, enlargement)),
    );
    const images = crops.flatMap((image): BatchImage[] => [
      { image, mirrored: false },
      { image, mirrored: true },
    ]);
    // Both views count half, so one may be less probable than the face has to be.
    const views = await this.network.find(images, this.minimumProbability / 2);
    return transforms.flatMap((transform, index) =>
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
  ): readonly ExaminedFace[] {
    const { input } = this.network;
    const [one, other] = [centralFace(direct, input), centralFace(inMirror, input)];
    if (one === undefined || other === undefined) return [];
    const seen = faceOfViews(one, other, input);
    const probability = Math.sqrt(seen.probability * (candidate?.probability ?? 0));
    const face = { ...seen, probability };
    if (face.probability < this.minimumProbability) return [];
    return [{ face: moveFace(face, closeUp), offCentre: isOffCentre(face, input) }];
  }
}
