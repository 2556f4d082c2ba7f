/**
 * RetinaFace, SCRFD and YuNet were trained by different people and share no decoder, so where they agree on a
 * face's place and landmarks, each is read correctly.
 */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Photograph } from '../../src/inference/decode/photograph.js';
import { defaultImageLimits, SharpImageDecoder } from '../../src/inference/decode/sharp-image-decoder.js';
import { alignmentTransform } from '../../src/core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { landmarkPoints } from '../../src/core/faces/landmarks.js';
import { intersectionOverUnion } from '../../src/core/faces/non-maximum-suppression.js';
import { transformScale } from '../../src/core/faces/similarity-transform.js';
import type { DetectedFace } from '../../src/core/faces/face.js';
import type { FaceDetector } from '../../src/inference/detect/face-detector.js';
import { isFullSuite } from '../support/full-suite.js';
import { loadReferenceDetector, referenceDetectorFiles } from '../support/reference-detectors.js';
import { hasSharedData, lfwPhotographs, sharedPath } from '../support/shared-data.js';

/** With 50 photographs the 95th percentile of YuNet still moves by 0.3 px: fewer have none. */
const LFW_PHOTOGRAPHS = isFullSuite ? 200 : 30;

/** Faces that each photograph shows at a size that all detectors see. */
const facesOfPhotographs: Readonly<Record<string, number>> = {
  'astronaut.png': 1,
  'biden.jpg': 1,
  'biden2.jpg': 1,
  'obama.jpg': 1,
  'obama2.jpg': 1,
  'obama3.jpg': 1,
  'obama_partial_face.jpg': 1,
  'two_people.jpg': 2,
  'obama_and_biden.jpg': 3,
};

const decoder = new SharpImageDecoder(defaultImageLimits);

async function load(path: string): Promise<Photograph> {
  return decoder.open(await readFile(path));
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

describe.skipIf(!hasSharedData('detector agreement'))('detectors on real photographs', () => {
  let retinaFace: FaceDetector;
  let others: { name: string; detector: FaceDetector }[];

  beforeAll(async () => {
    const [reference, ...otherFiles] = referenceDetectorFiles;
    retinaFace = await loadReferenceDetector(reference);
    others = await Promise.all(
      otherFiles.map(async (file) => ({ name: file.fileName, detector: await loadReferenceDetector(file) })),
    );
  });

  it.each(Object.entries(facesOfPhotographs))('all find the faces of %s', async (fileName, count) => {
    const photograph = await load(sharedPath('data', 'photos', fileName));
    const references = await retinaFace.detect(photograph);
    expect(references).toHaveLength(count);
    for (const { detector } of others) {
      const faces = await detector.detect(photograph);
      expect(faces).toHaveLength(count);
      for (const reference of references) {
        const overlaps = faces.map(({ box }) => intersectionOverUnion(box, reference.box));
        expect(Math.max(...overlaps)).toBeGreaterThan(0.6);
      }
    }
  });

  it('lists the landmarks in image order', async () => {
    const photograph = await load(sharedPath('data', 'photos', 'obama.jpg'));
    for (const detector of [retinaFace, ...others.map((other) => other.detector)]) {
      const { leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner } = (
        await detector.detect(photograph)
      )[0]!.landmarks;
      expect(leftEye.x).toBeLessThan(nose.x);
      expect(nose.x).toBeLessThan(rightEye.x);
      expect(leftMouthCorner.x).toBeLessThan(rightMouthCorner.x);
      expect(leftEye.y).toBeLessThan(nose.y);
      expect(nose.y).toBeLessThan(leftMouthCorner.y);
    }
  });

  it(`agree within a few pixels of the crop on ${LFW_PHOTOGRAPHS} photographs of LFW`, async () => {
    const distances = new Map(others.map(({ name }) => [name, [] as number[]]));
    const missed = new Map(others.map(({ name }) => [name, 0]));
    let references = 0;
    for (const path of lfwPhotographs(LFW_PHOTOGRAPHS)) {
      const photograph = await load(path);
      const reference = mostProbable(await retinaFace.detect(photograph));
      if (reference === undefined) continue;
      references++;
      for (const { name, detector } of others) {
        const same = (await detector.detect(photograph)).find(
          ({ box }) => intersectionOverUnion(box, reference.box) > 0.5,
        );
        if (same === undefined) missed.set(name, (missed.get(name) ?? 0) + 1);
        else distances.get(name)?.push(...landmarkDistances(reference, same));
      }
    }
    expect(references).toBe(LFW_PHOTOGRAPHS);
    for (const [name, values] of distances) {
      const median = quantile(values, 0.5);
      const p95 = quantile(values, 0.95);
      const count = missed.get(name) ?? 0;
      console.log(`${name}: median ${median.toFixed(2)} px, p95 ${p95.toFixed(2)} px, ${count} missed`);
      expect(count).toBeLessThanOrEqual(LFW_PHOTOGRAPHS / 100);
      expect(median).toBeLessThan(2.5);
      if (isFullSuite) expect(p95).toBeLessThan(6);
    }
  }, 300_000);
});
