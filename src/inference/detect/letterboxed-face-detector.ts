import type { FaceDetector } from './face-detector.js';
import { landmarkPoints, landmarksFromPoints, type Landmarks } from '../../core/faces/landmarks.js';
import { suppressOverlaps } from '../../core/faces/non-maximum-suppression.js';
import {
  boxToImage,
  letterbox,
  letterboxImage,
  pointToImage,
  type Letterbox,
} from '../../core/images/letterbox.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { DetectedFace } from '../../core/faces/face.js';
import type { DetectorManifest } from '../../core/models/manifest.js';
import type { OnnxSession } from '../runtime/onnx-session.js';
import { PixelTensorEncoder } from '../runtime/pixel-tensor.js';
import type { DecodeFaces } from './detector-outputs.js';

/**
 * A detector of one network that takes the whole photograph: scaled to the manifest's input size, up or down,
 * with its proportions kept. What the network finds is mapped back to the photograph.
 */
export class LetterboxedFaceDetector implements FaceDetector {
  private readonly encoder: PixelTensorEncoder;

  constructor(
    private readonly session: OnnxSession,
    private readonly manifest: DetectorManifest,
    private readonly decodeFaces: DecodeFaces,
  ) {
    this.encoder = new PixelTensorEncoder(manifest.input);
  }

  /** @throws Failure MODEL_INVALID where the graph's outputs are not those of its family */
  async detect(image: RgbImage): Promise<readonly DetectedFace[]> {
    const { input, minimumProbability, maximumOverlap } = this.manifest;
    const fit = letterbox(image.width, image.height, input.width, input.height);
    const inputImage = letterboxImage(image, fit);
    const outputs = await this.session.run(this.encoder.encode([{ image: inputImage, mirrored: false }]));
    const candidates = this.decodeFaces(outputs, input, minimumProbability);
    return suppressOverlaps(candidates, maximumOverlap).map((face) => ({
      box: boxToImage(fit, face.box),
      landmarks: landmarksToImage(fit, face.landmarks),
      probability: face.probability,
    }));
  }
}

function landmarksToImage(fit: Letterbox, landmarks: Landmarks): Landmarks {
  const [leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner] = landmarkPoints(landmarks);
  return landmarksFromPoints([
    pointToImage(fit, leftEye),
    pointToImage(fit, rightEye),
    pointToImage(fit, nose),
    pointToImage(fit, leftMouthCorner),
    pointToImage(fit, rightMouthCorner),
  ]);
}
