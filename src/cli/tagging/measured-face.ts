import type { MeasuredFace } from '../../core/faces/face-record.js';
import type { Face__Output } from '../../generated/symface/v1/Face.js';
import type { FaceQuality__Output } from '../../generated/symface/v1/FaceQuality.js';
import type { Landmarks__Output } from '../../generated/symface/v1/Landmarks.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import { present } from '../session.js';

/** A face as the server answers it. @throws Error where a part of it is missing */
export function measuredFace({ box, landmarks, frontness, quality }: Face__Output): MeasuredFace {
  const { rho, noseOffsetPixels } = present(frontness);
  const signals = present(quality);
  return {
    box: present(box),
    landmarks: landmarksOf(present(landmarks)),
    probability: signals.detectionProbability,
    rho,
    noseOffsetPixels,
    quality: qualityOf(signals),
  };
}

function qualityOf(message: FaceQuality__Output): MeasuredFace['quality'] {
  const { faceSizePixels, detectionProbability, sharpness, brightness, embeddingNorm } = message;
  const { landmarkUncertainty, utility, detailPixels, appearance } = message;
  return {
    faceSizePixels,
    detectionProbability,
    sharpness,
    brightness,
    pose: present(message.pose),
    embeddingNorm,
    utility,
    occlusion: present(message.occlusion),
    detailPixels,
    appearance,
    ...(landmarkUncertainty !== undefined && { landmarkUncertainty }),
  };
}

function landmarksOf(message: Landmarks__Output): Landmarks {
  return {
    leftEye: present(message.leftEye),
    rightEye: present(message.rightEye),
    nose: present(message.nose),
    leftMouthCorner: present(message.leftMouthCorner),
    rightMouthCorner: present(message.rightMouthCorner),
  };
}
