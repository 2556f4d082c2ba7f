import type { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import type { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { mapLandmarks } from '../../src/core/faces/landmarks.js';
import type { SubjectKey } from '../../src/service/platform/resource-names.js';
import { enrolmentOf, newFace, someCaller } from './enrolments.js';
import { pictureOf } from './training-images.js';

/** Margin of a stored crop around ArcFace's. */
const marginPixels = 14;

export function trainableSubject(person: number): SubjectKey {
  return { tenant: 'default', collectionId: 'trainable', subjectId: `person-of-test-${person}` };
}

/** Enrols made-up faces of persons who consent to training; every other face is symmetric. */
export async function enrolTrainableFaces(
  collections: CollectionStore,
  faces: EnrolledFaceStore,
  personCount: number,
  facesOfEach: number,
): Promise<void> {
  await collections.create(
    trainableSubject(0),
    { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: true },
    someCaller,
  );
  const landmarks = mapLandmarks(arcFaceTemplate.landmarks, ({ x, y }) => ({
    x: x + marginPixels,
    y: y + marginPixels,
  }));
  const side = 112 + 2 * marginPixels;
  for (let person = 0; person < personCount; person++) {
    const made = [];
    for (let index = 0; index < facesOfEach; index++) {
      const face = newFace();
      const encoded = await encodePng(pictureOf(person * facesOfEach + index, side, side));
      made.push({
        ...face,
        photographed: {
          face: { ...face.photographed!.face, rho: index % 2 === 0 ? 0.6 : 0.1 },
          crop: { encoded, width: side, height: side, landmarks },
        },
      });
    }
    await faces.enrol(enrolmentOf(trainableSubject(person), made));
  }
}
