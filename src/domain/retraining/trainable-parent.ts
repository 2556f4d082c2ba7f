import { Failure } from '../failure.js';
import { type AlignmentTemplate, arcFaceTemplate } from '../geometry/alignment-template.js';
import { landmarkPoints, mapLandmarks } from '../geometry/landmarks.js';
import { firstCentralColumn } from '../image/central-columns.js';
import type { BackboneManifest, ModelVersion } from '../model/manifest.js';

/** Widths of ArcFace's crop, and of its middle columns, that networks are trained at. */
const trainableWidths: readonly number[] = [112, 96];
/** Templates are published to a thousandth or a hundredth of a pixel. */
const tolerancePixels = 0.02;

/**
 * The model version as one that can be fine-tuned, as far as its manifest tells; whether its graph can be is seen when
 * training reads it.
 * @throws Failure MODEL_NOT_TRAINABLE saying why not
 */
export function requireTrainable({ id, manifest }: ModelVersion): BackboneManifest {
  if (manifest.kind !== 'backbone') throw notTrainable(id, `it is a ${manifest.kind}`);
  const { alignment } = manifest;
  if (trainableWidths.some((width) => isArcFace(alignment, width))) return manifest;
  throw notTrainable(
    id,
    `it takes faces aligned to ${alignment.name} (${alignment.width}x${alignment.height} pixels), and training makes ` +
      "crops of ArcFace's 112x112 template or its middle 96 columns",
  );
}

function isArcFace({ width, height, landmarks }: AlignmentTemplate, trainableWidth: number): boolean {
  if (width !== trainableWidth || height !== arcFaceTemplate.height) return false;
  const first = firstCentralColumn(arcFaceTemplate.width, width);
  const expected = landmarkPoints(
    mapLandmarks(arcFaceTemplate.landmarks, ({ x, y }) => ({ x: x - first, y })),
  );
  return landmarkPoints(landmarks).every(({ x, y }, index) => {
    const point = expected[index];
    return point !== undefined && Math.hypot(x - point.x, y - point.y) < tolerancePixels;
  });
}

function notTrainable(id: string, why: string): Failure {
  return new Failure(
    'MODEL_NOT_TRAINABLE',
    `${id} cannot be fine-tuned: ${why}. Import and activate a backbone that can be.`,
    { model_version: id },
  );
}
