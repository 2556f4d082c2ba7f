import type { DetectedFace } from '../../core/faces/face.js';
import { landmarkPoints, type Landmarks } from '../../core/faces/landmarks.js';
import { intersectionOverUnion, suppressOverlaps } from '../../core/faces/non-maximum-suppression.js';
import { decodeCloseUp, decodeRetinaFace } from '../../inference/detect/retinaface.js';
import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { PixelTensorEncoder } from '../../inference/runtime/pixel-tensor.js';
import type { DetectorConfiguration } from './detector-configuration.js';
import type { DetectorSample, LabelledFace } from './detector-sample.js';
import { DETECTOR_PIXELS } from './detector-export.js';

/** How well a detector does on samples that it was not trained on. */
export interface DetectorMeasures {
  /** Share of the faces that are found: by a box that overlaps theirs by half at least */
  readonly recall: number;
  /** Share of what is found that is a face, or one that is ignored */
  readonly precision: number;
  /** Mean distance of the landmarks of found faces from theirs, as a share of the distance between the eyes */
  readonly landmarkError: number;
  /** Mean probability that faces are found with; 0 where they are not */
  readonly faceProbability: number;
  readonly faceCount: number;
}

const FOUND_OVERLAP = 0.5;
const IGNORED_OVERLAP = 0.3;

/** @param graph takes one image of the samples' size @param minimumProbability from which on something is found */
export async function measureDetector(
  graph: Uint8Array,
  samples: readonly DetectorSample[],
  {
    design,
    minimumProbability,
    maximumOverlap,
  }: {
    readonly design: DetectorConfiguration['network']['design'];
    readonly minimumProbability: number;
    readonly maximumOverlap: number;
  },
  threads: number,
): Promise<DetectorMeasures> {
  const session = await OnnxSession.load(graph, { intraOpThreads: threads });
  const tally = new DetectionTally();
  try {
    for (const { image, faces } of samples) {
      const { width, height } = image;
      const encoder = new PixelTensorEncoder(DETECTOR_PIXELS);
      const outputs = await session.run(encoder.encode([{ image, mirrored: false }]));
      const decode = design === 'close-up' ? decodeCloseUp : decodeRetinaFace;
      const candidates = decode(outputs, { width, height }, minimumProbability);
      tally.add(faces, suppressOverlaps(candidates, maximumOverlap));
    }
  } finally {
    await session.release();
  }
  return tally.measures();
}

/** Counts what was found of what is there. */
export class DetectionTally {
  private faceCount = 0;
  private found = 0;
  private detections = 0;
  private right = 0;
  private probabilities = 0;
  private readonly landmarkErrors: number[] = [];

  /** @param detections most probable first */
  add(faces: readonly LabelledFace[], detections: readonly DetectedFace[]): void {
    const open = new Set(faces.filter(({ ignored }) => !ignored));
    const ignored = faces.filter((face) => face.ignored);
    this.faceCount += open.size;
    this.detections += detections.length;
    for (const detection of detections) {
      const face = bestMatch(detection, open);
      if (face !== undefined) {
        open.delete(face);
        this.found++;
        this.right++;
        this.probabilities += detection.probability;
        if (face.landmarks !== undefined)
          this.landmarkErrors.push(landmarkError(detection.landmarks, face.landmarks));
      } else if (ignored.some(({ box }) => intersectionOverUnion(box, detection.box) >= IGNORED_OVERLAP))
        this.right++;
    }
  }

  measures(): DetectorMeasures {
    const { landmarkErrors } = this;
    return {
      recall: this.found / Math.max(1, this.faceCount),
      precision: this.right / Math.max(1, this.detections),
      landmarkError:
        landmarkErrors.reduce((sum, error) => sum + error, 0) / Math.max(1, landmarkErrors.length),
      faceProbability: this.probabilities / Math.max(1, this.faceCount),
      faceCount: this.faceCount,
    };
  }
}

function bestMatch({ box }: DetectedFace, faces: Iterable<LabelledFace>): LabelledFace | undefined {
  let best: LabelledFace | undefined;
  let greatest = FOUND_OVERLAP;
  for (const face of faces) {
    const overlap = intersectionOverUnion(box, face.box);
    if (overlap >= greatest) [best, greatest] = [face, overlap];
  }
  return best;
}

/** Mean distance of the five points, as a share of the distance between the true eyes. */
function landmarkError(found: Landmarks, truth: Landmarks): number {
  const eyes = Math.hypot(truth.leftEye.x - truth.rightEye.x, truth.leftEye.y - truth.rightEye.y);
  const truths = landmarkPoints(truth);
  const distances = landmarkPoints(found).map(({ x, y }, index) => {
    const point = truths[index] ?? { x: Number.NaN, y: Number.NaN };
    return Math.hypot(x - point.x, y - point.y);
  });
  return distances.reduce((sum, distance) => sum + distance, 0) / distances.length / Math.max(1, eyes);
}
