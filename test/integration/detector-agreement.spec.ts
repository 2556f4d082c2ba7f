/**
 * RetinaFace, SCRFD and YuNet were trained by different people and share no decoder, so where they agree on a
 * face's place and landmarks, each is read correctly.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { intersectionOverUnion } from '../../src/core/faces/non-maximum-suppression.js';
import {
  expectAgreementOnLfw,
  loadPhotograph,
  loadReferenceDetectors,
  type ReferenceDetectors,
} from '../support/detector-agreement.js';
import { hasSharedData, sharedPath } from '../support/shared-data.js';

/** test/full has 200. */
const LFW_PHOTOGRAPHS = 30;

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

describe.skipIf(!hasSharedData('detector agreement'))('detectors on real photographs', () => {
  let detectors: ReferenceDetectors;

  beforeAll(async () => {
    detectors = await loadReferenceDetectors();
  });

  it.each(Object.entries(facesOfPhotographs))('all find the faces of %s', async (fileName, count) => {
    const { retinaFace, others } = detectors;
    const image = await loadPhotograph(sharedPath('data', 'photos', fileName));
    const references = await retinaFace.detect(image);
    expect(references).toHaveLength(count);
    for (const { detector } of others) {
      const faces = await detector.detect(image);
      expect(faces).toHaveLength(count);
      for (const reference of references) {
        const overlaps = faces.map(({ box }) => intersectionOverUnion(box, reference.box));
        expect(Math.max(...overlaps)).toBeGreaterThan(0.6);
      }
    }
  });

  it('lists the landmarks in image order', async () => {
    const image = await loadPhotograph(sharedPath('data', 'photos', 'obama.jpg'));
    const { retinaFace, others } = detectors;
    for (const detector of [retinaFace, ...others.map((other) => other.detector)]) {
      const { leftEye, rightEye, nose, leftMouthCorner, rightMouthCorner } = (
        await detector.detect(image)
      )[0]!.landmarks;
      expect(leftEye.x).toBeLessThan(nose.x);
      expect(nose.x).toBeLessThan(rightEye.x);
      expect(leftMouthCorner.x).toBeLessThan(rightMouthCorner.x);
      expect(leftEye.y).toBeLessThan(nose.y);
      expect(nose.y).toBeLessThan(leftMouthCorner.y);
    }
  });

  it(`agree within a few pixels of the crop on ${LFW_PHOTOGRAPHS} photographs of LFW`, async () => {
    await expectAgreementOnLfw(detectors, LFW_PHOTOGRAPHS);
  });
});
