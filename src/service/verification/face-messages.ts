import type { AnalysedFace } from '../../inference/analyser/face-analysis.js';
import type { QualityFinding as FoundFinding } from './embedded-face.js';
import type { Verification } from './verify-faces.js';
import type { MeasuredFace } from '../../core/faces/face-record.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import type { SimilarityThreshold } from '../../core/verification/threshold.js';
import type { Face } from '../../generated/symface/v1/Face.js';
import type { FaceEmbedding } from '../../generated/symface/v1/FaceEmbedding.js';
import type { Landmarks as LandmarksMessage } from '../../generated/symface/v1/Landmarks.js';
import type { QualityFinding } from '../../generated/symface/v1/QualityFinding.js';
import type { Threshold } from '../../generated/symface/v1/Threshold.js';
import type { ThresholdOrigin } from '../../generated/symface/v1/ThresholdOrigin.js';
import type { VerifyResponse } from '../../generated/symface/v1/VerifyResponse.js';
import { benchmarkRunName } from '../platform/grpc/resource-names.js';

export function toFaceMessage(face: MeasuredFace & Pick<AnalysedFace, 'crops'>): Face {
  const { quality, crops } = face;
  return {
    box: { ...face.box },
    landmarks: toLandmarksMessage(face.landmarks),
    frontness: { rho: face.rho, noseOffsetPixels: face.noseOffsetPixels },
    quality: {
      faceSizePixels: quality.faceSizePixels,
      detectionProbability: quality.detectionProbability,
      sharpness: quality.sharpness,
      brightness: quality.brightness,
      pose: { ...quality.pose },
      embeddingNorm: quality.embeddingNorm,
      utility: quality.utility,
      occlusion: { ...quality.occlusion },
      detailPixels: quality.detailPixels,
      appearance: [...quality.appearance],
      ...(quality.landmarkUncertainty !== undefined && { landmarkUncertainty: quality.landmarkUncertainty }),
    },
    crops: crops === undefined ? null : toCropsMessage(crops),
  };
}

export function toEmbeddingMessage(face: AnalysedFace): FaceEmbedding {
  if (face.embedding === undefined)
    throw new Error('the engine answered a face without the embedding asked for');
  return { face: toFaceMessage(face), values: Array.from(face.embedding) };
}

export function toVerifyResponse(verification: Verification): VerifyResponse {
  const { threshold, models } = verification;
  return {
    matched: verification.matched,
    similarity: verification.similarity,
    threshold: toThresholdMessage(threshold),
    ...(verification.matchProbability !== undefined && { matchProbability: verification.matchProbability }),
    modelVersion: models.backboneId,
    detectorVersion: models.detectorId,
    faceA: toFaceMessage(verification.faceA),
    faceB: toFaceMessage(verification.faceB),
    qualityFindings: verification.findings.map(toFindingMessage),
  };
}

export function toFindingMessage({ field, failure }: FoundFinding): QualityFinding {
  return { field, reason: failure.reason, message: failure.message };
}

const thresholdOrigins = {
  request: 'THRESHOLD_ORIGIN_REQUEST',
  'model-version': 'THRESHOLD_ORIGIN_MODEL_VERSION',
  calibration: 'THRESHOLD_ORIGIN_CALIBRATION',
} as const satisfies Record<SimilarityThreshold['origin'], ThresholdOrigin>;

export function toThresholdMessage(threshold: SimilarityThreshold): Threshold {
  const { similarity, origin, description, falseMatchRate, benchmarkRunId } = threshold;
  const { expectedImpostorSimilarity } = threshold;
  return {
    similarity,
    origin: thresholdOrigins[origin],
    description,
    ...(falseMatchRate !== undefined && { falseMatchRate }),
    benchmarkRun: benchmarkRunId === undefined ? '' : benchmarkRunName(benchmarkRunId),
    ...(expectedImpostorSimilarity !== undefined && { expectedImpostorSimilarity }),
  };
}

function toLandmarksMessage(landmarks: Landmarks): LandmarksMessage {
  return {
    leftEye: { ...landmarks.leftEye },
    rightEye: { ...landmarks.rightEye },
    nose: { ...landmarks.nose },
    leftMouthCorner: { ...landmarks.leftMouthCorner },
    rightMouthCorner: { ...landmarks.rightMouthCorner },
  };
}

function toCropsMessage(crops: NonNullable<AnalysedFace['crops']>): NonNullable<Face['crops']> {
  return {
    alignedPng: asBuffer(crops.alignedPng),
    leftHalfPng: asBuffer(crops.leftHalfPng),
    rightHalfPng: asBuffer(crops.rightHalfPng),
  };
}

/** A view of the same bytes, not a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
