import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { defaultImageLimits, SharpImageDecoder } from '../../src/inference/decode/sharp-image-decoder.js';
import { alignmentTransform } from '../../src/core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import type { DetectedFace } from '../../src/core/faces/face.js';
import { landmarkPoints } from '../../src/core/faces/landmarks.js';
import { intersectionOverUnion } from '../../src/core/faces/non-maximum-suppression.js';
import { transformScale } from '../../src/core/faces/similarity-transform.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import type { FaceDetector } from '../../src/inference/detect/face-detector.js';
import { loadReferenceDetector, referenceDetectorFiles } from './reference-detectors.js';
import { lfwPhotographs } from './shared-data.js';

const decoder = new SharpImageDecoder(defaultImageLimits);

export async function loadPhotograph(path: string): Promise<RgbImage> {
  return decoder.decode(await readFile(path));
}

/**
 * The face that the reference is surest of: its largest box is at times a spurious one of low probability around
 * two neighbouring faces.
 */
function mostProbable(faces: readonly DetectedFace[]): DetectedFace | undefined {
  return faces.toSorted((a, b) => b.probability - a.probability)[0];
}

/** Distances of the five landmarks of two detections of a face, in pixels of the reference's 112x112 crop. */
function landmarkDistances(reference: DetectedFace, other: DetectedFace): number[] {
  const cropScale = transformScale(alignmentTransform(reference.landmarks, arcFaceTemplate));
  const others = landmarkPoints(other.landmarks);
  return landmarkPoints(reference.landmarks).map(
    ({ x, y }, index) => cropScale * Math.hypot(x - others[index]!.x, y - others[index]!.y),
  );
}

function quantile(values: readonly number[], share: number): number {
  const ascending = values.toSorted((a, b) => a - b);
  return ascending[Math.min(ascending.length - 1, Math.floor(share * ascending.length))] ?? NaN;
}

export interface ReferenceDetectors {
  /** The first of them: what the others are compared with. */
  readonly retinaFace: FaceDetector;
  readonly others: readonly { readonly name: string; readonly detector: FaceDetector }[];
}

export async function loadReferenceDetectors(): Promise<ReferenceDetectors> {
  const [reference, ...otherFiles] = referenceDetectorFiles;
  const others = otherFiles.map(async (file) => ({
    name: file.fileName,
    detector: await loadReferenceDetector(file),
  }));
  return { retinaFace: await loadReferenceDetector(reference), others: await Promise.all(others) };
}

/** With 50 photographs the 95th percentile of YuNet still moves by 0.3 px. */
const PHOTOGRAPHS_FOR_A_PERCENTILE = 200;

/** Detectors find the same faces on so many photographs of LFW, and landmarks within a few pixels of the crop. */
export async function expectAgreementOnLfw(
  { retinaFace, others }: ReferenceDetectors,
  photographs: number,
): Promise<void> {
  const distances = new Map(others.map(({ name }) => [name, [] as number[]]));
  const missed = new Map(others.map(({ name }) => [name, 0]));
  let references = 0;
  for (const path of lfwPhotographs(photographs)) {
    const image = await loadPhotograph(path);
    const reference = mostProbable(await retinaFace.detect(image));
    if (reference === undefined) continue;
    references++;
    for (const { name, detector } of others) {
      const same = (await detector.detect(image)).find(
        ({ box }) => intersectionOverUnion(box, reference.box) > 0.5,
      );
      if (same === undefined) missed.set(name, (missed.get(name) ?? 0) + 1);
      else distances.get(name)?.push(...landmarkDistances(reference, same));
    }
  }
  expect(references).toBe(photographs);
  for (const [name, values] of distances) {
    const median = quantile(values, 0.5);
    const p95 = quantile(values, 0.95);
    const count = missed.get(name) ?? 0;
    console.log(`${name}: median ${median.toFixed(2)} px, p95 ${p95.toFixed(2)} px, ${count} missed`);
    expect(count).toBeLessThanOrEqual(photographs / 100);
    expect(median).toBeLessThan(2.5);
    if (photographs >= PHOTOGRAPHS_FOR_A_PERCENTILE) expect(p95).toBeLessThan(6);
  }
}
