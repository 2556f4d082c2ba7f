import type { Face__Output } from '../../generated/symface/v1/Face.js';
import type { FaceOcclusion__Output } from '../../generated/symface/v1/FaceOcclusion.js';
import type { FaceQuality__Output } from '../../generated/symface/v1/FaceQuality.js';

/** One line on a face: size, frontness, and how sure the detector is. */
export function faceLine(face: Face__Output | null): string {
  if (face === null) return 'no face';
  const { box, frontness, quality } = face;
  const parts = [
    box &&
      `${box.width.toFixed(0)}x${box.height.toFixed(0)} px at (${box.x.toFixed(0)}, ${box.y.toFixed(0)})`,
    frontness && `ρ ${frontness.rho.toFixed(3)} (D ${frontness.noseOffsetPixels.toFixed(2)} px)`,
    quality && `probability ${quality.detectionProbability.toFixed(3)}`,
    quality?.landmarkUncertainty !== undefined &&
      `landmarks ± ${(100 * quality.landmarkUncertainty).toFixed(1)} % of the face's side`,
    quality && `utility ${quality.utility.toFixed(0)}`,
    quality && `detail of ${quality.detailPixels.toFixed(0)} px`,
    quality?.occlusion && occlusionText(quality.occlusion),
    quality?.pose && `yaw ${quality.pose.yawDegrees.toFixed(0)}°`,
  ];
  return parts.filter((part) => typeof part === 'string').join(', ');
}

/** The parts that are rather hidden than seen; undefined where there is none. */
function occlusionText({ mouth, nose, eyes }: FaceOcclusion__Output): string | undefined {
  const hidden = Object.entries({ mouth, nose, eyes }).flatMap(([part, share]) =>
    share > 0.5 ? [part] : [],
  );
  return hidden.length === 0 ? undefined : `${hidden.join(' and ')} hidden`;
}

/** The face for machines: without crops, which are images and have `--draw`. */
export function faceJson(face: Face__Output | null): Omit<Face__Output, 'crops'> | null {
  if (face === null) return null;
  const { box, landmarks, frontness } = face;
  return { box, landmarks, frontness, quality: face.quality && qualityJson(face.quality) };
}

/** Without protobuf's own note of which optional fields are there. */
function qualityJson(quality: FaceQuality__Output): FaceQuality__Output {
  const { faceSizePixels, detectionProbability, sharpness, brightness, pose, embeddingNorm } = quality;
  const { landmarkUncertainty, utility, occlusion, detailPixels, appearance } = quality;
  return {
    faceSizePixels,
    detectionProbability,
    sharpness,
    brightness,
    pose,
    embeddingNorm,
    utility,
    occlusion,
    detailPixels,
    appearance,
    ...(landmarkUncertainty !== undefined && { landmarkUncertainty }),
  };
}
