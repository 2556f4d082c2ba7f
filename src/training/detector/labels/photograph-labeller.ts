import type { DetectedFace } from '../../../core/faces/face.js';
import type { RgbImage } from '../../../core/images/rgb-image.js';
import type { FaceLabel } from '../../../datasets/face-labels/photograph-labels.js';
import { Photograph } from '../../../inference/decode/photograph.js';
import type { FaceDetector } from '../../../inference/detect/face-detector.js';
import { agreedFaces, meanOfMirrorImages } from './face-agreement.js';
import { facesInCell, type LabelSheet, sheetsOf } from './label-sheet.js';

/** Labels photographs with one detector's faces, filtered by what others see. */
export class PhotographLabeller {
  /**
   * @param first  its boxes and landmarks are the labels
   * @param others that confirm them
   */
  constructor(
    private readonly first: FaceDetector,
    private readonly others: readonly FaceDetector[],
  ) {}

  /** @returns the faces of each photograph, in its pixels */
  async label(photographs: readonly RgbImage[]): Promise<readonly (readonly FaceLabel[])[]> {
    const sheets = sheetsOf(photographs);
    const first = await look(this.first, sheets, photographs.length);
    const others: (readonly (readonly DetectedFace[])[])[] = [];
    for (const detector of this.others) others.push(await look(detector, sheets, photographs.length));
    return photographs.map((_, index) =>
      agreedFaces(
        first[index] ?? [],
        others.map((faces) => faces[index] ?? []),
      ),
    );
  }
}

/** @returns what the detector says of each photograph */
async function look(
  detector: FaceDetector,
  sheets: readonly LabelSheet[],
  photographCount: number,
): Promise<readonly (readonly DetectedFace[])[]> {
  const direct: DetectedFace[][] = Array.from({ length: photographCount }, () => []);
  const mirrored: DetectedFace[][] = Array.from({ length: photographCount }, () => []);
  for (const { image, cells } of sheets) {
    const faces = await detector.detect(Photograph.ofImage(image));
    for (const cell of cells)
      (cell.mirrored ? mirrored : direct)[cell.photograph]?.push(...facesInCell(faces, cell));
  }
  return direct.map((faces, index) => meanOfMirrorImages(faces, mirrored[index] ?? []));
}
