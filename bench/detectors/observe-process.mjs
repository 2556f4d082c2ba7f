/** A process that shows its share of the pictures to every detector and says what each found; one thread of networks. */
import { Photograph } from '../../dist/inference/decode/photograph.js';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { alignmentTransform } from '../../dist/core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../dist/core/faces/alignment-template.js';
import { landmarkPoints } from '../../dist/core/faces/landmarks.js';
import { transformScale } from '../../dist/core/faces/similarity-transform.js';
import { centralFace, sameFace } from './faces.mjs';
import { perturbations } from './perturbations.mjs';
import { loadPicture } from './photograph-sets.mjs';

process.once('message', ({ detectors, pictures }) => {
  void observe(detectors, pictures).then(() => process.disconnect());
});

async function observe(models, pictures) {
  const detectors = [];
  for (const { name, stored } of models)
    detectors.push({ name, detector: await createFaceDetector(stored, { intraOpThreads: 1 }) });
  for (const picture of pictures) {
    const image = await loadPicture(picture);
    const seen = [];
    for (const { name, detector } of detectors)
      seen.push({ name, ...(await timedDetection(detector, image)) });
    const spreads = picture.isSteady ? await spreadsOf(detectors, image, seen) : undefined;
    const { set, name, identity, source } = picture;
    const { width, height } = image;
    const observation = { set, name, identity, source, width, height, seen, spreads };
    await new Promise((resolve) => process.send(observation, resolve));
  }
}

async function facesIn(detector, image) {
  return detector.detect(Photograph.ofImage(image));
}

/** The processor's time, of all threads of this process. */
async function timedDetection(detector, image) {
  const before = process.cpuUsage();
  const faces = await facesIn(detector, image);
  const { user, system } = process.cpuUsage(before);
  return { faces, cpuMs: (user + system) / 1000 };
}

/**
 * How far each detector's landmarks move over the copies of a picture, in pixels of the 112x112 crop.
 * @param seen what each found; the first is the reference's, whose crop's scale is taken for all
 */
async function spreadsOf(detectors, image, seen) {
  const reference = centralFace(image, seen[0].faces);
  if (reference === undefined) return [];
  const scale = transformScale(alignmentTransform(reference.landmarks, arcFaceTemplate));
  const spreads = [];
  for (const [kind, copiesOf] of Object.entries(perturbations)) {
    const copies = await copiesOf(image);
    for (const [index, { name, detector }] of detectors.entries()) {
      const face = sameFace(reference, seen[index].faces);
      if (face === undefined) continue;
      const positions = [];
      for (const copy of copies) {
        const found = sameFace(
          face,
          (await facesIn(detector, copy.image)).map((one) => moved(one, copy.back)),
        );
        if (found !== undefined) positions.push(landmarkPoints(found.landmarks));
      }
      const lost = copies.length - positions.length;
      if (positions.length > 1)
        spreads.push({ kind, name, lost, copies: copies.length, spread: scale * spreadOf(positions) });
      else spreads.push({ kind, name, lost, copies: copies.length });
    }
  }
  return spreads;
}

function moved({ box, landmarks, probability }, back) {
  const start = back({ x: box.x, y: box.y });
  const end = back({ x: box.x + box.width, y: box.y + box.height });
  return {
    box: { ...start, width: end.x - start.x, height: end.y - start.y },
    landmarks: Object.fromEntries(Object.entries(landmarks).map(([name, point]) => [name, back(point)])),
    probability,
  };
}

/** Mean over the five landmarks of the standard deviation of the position, both coordinates together. */
function spreadOf(positions) {
  const deviations = [0, 1, 2, 3, 4].map((landmark) => {
    const points = positions.map((face) => face[landmark]);
    const [x, y] = ['x', 'y'].map((axis) => mean(points.map((point) => point[axis])));
    const squares = points.map((point) => (point.x - x) ** 2 + (point.y - y) ** 2);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (points.length - 1));
  });
  return mean(deviations);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
