import type { DetectedFace } from '../face.js';
import { estimateHeadPose, type HeadPose } from '../head-pose.js';
import { laplacianVariance, lumaOf, meanLuma } from '../../images/luma.js';
import type { RgbImage } from '../../images/rgb-image.js';
import type { CropAssessment } from './face-quality-network.js';
import { type NormStatistics, utilityOf } from './face-utility.js';

/** Signals for deciding whether a face is good enough to use; `FaceQuality` in the proto. */
export interface FaceQuality extends CropAssessment {
  /** Shorter side of the box, in pixels of the photograph. */
  readonly faceSizePixels: number;
  /** 0 to 1. */
  readonly detectionProbability: number;
  /** Variance of the Laplacian of the 112x112 ArcFace crop's luma; below about 50 looks blurred. */
  readonly sharpness: number;
  /** Mean luma of that crop, 0 to 255. */
  readonly brightness: number;
  readonly pose: HeadPose;
  /** L2 norm of the embedding before normalisation; 0 where none was asked for. */
  readonly embeddingNorm: number;
  /** See {@link DetectedFace}; absent where it is not known. */
  readonly landmarkUncertainty?: number;
}

/** What a face's quality is measured on. */
export interface QualityEvidence {
  /** The face in pixels of the photograph; its landmarks give the pose, roll included. */
  readonly face: DetectedFace;
  /** The 112x112 ArcFace crop, so that sharpness means the same at every face size. */
  readonly crop: RgbImage;
  /** What the crop alone tells. */
  readonly assessment: CropAssessment;
  readonly embeddingNorm: number;
  /** Of the backbone that made the embedding; undefined where it is not known. */
  readonly typicalNorm: NormStatistics | undefined;
}

/** @throws RangeError where the landmarks coincide or are not finite */
export function measureFaceQuality(evidence: QualityEvidence): FaceQuality {
  const { face, crop, assessment, embeddingNorm, typicalNorm } = evidence;
  const luma = lumaOf(crop);
  return {
    ...assessment,
    utility: utilityOf({
      cropUtility: assessment.utility,
      probability: face.probability,
      landmarkUncertainty: face.landmarkUncertainty,
      embeddingNorm,
      typicalNorm,
    }),
    faceSizePixels: Math.min(face.box.width, face.box.height),
    detectionProbability: face.probability,
    sharpness: laplacianVariance(luma, crop.width),
    brightness: meanLuma(luma),
    pose: estimateHeadPose(face.landmarks),
    embeddingNorm,
    ...(face.landmarkUncertainty !== undefined && { landmarkUncertainty: face.landmarkUncertainty }),
  };
}
