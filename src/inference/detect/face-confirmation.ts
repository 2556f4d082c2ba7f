import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';
import { centralFace, closeUpToPhotograph } from './close-up.js';
import { confirmingViews } from './close-up-frames.js';
import type { FaceNetwork } from './face-network.js';
import { sampleFace } from './sample-photograph.js';

/** A view may be enlarged by this much before it is worth decoding the photograph finer. */
const enlargement = 1.5;
/** What a view that shows less says counts as nothing. */
const leastProbability = 0.02;

/**
 * Shows a face again to the network that found it, upright and from other distances, each view with its mirror image. What a face
 * was found with is the most of thousands of places and five or more looks, so a texture needs only one that passes; here the
 * network is asked about one place that was not chosen by what it says of it.
 * @param needed by the face to count as one
 * @returns the mean of what the views say, 0 to 1; 0 as soon as it cannot reach what is needed
 */
export async function confirmation(
  network: FaceNetwork,
  photograph: Photograph,
  face: DetectedFace,
  needed: number,
): Promise<number> {
  const { input } = network;
  const views = confirmingViews(closeUpToPhotograph(face, input), input);
  let [sum, mostLeft] = [0, views.length];
  for (const { view, faceShare } of views) {
    if (sum + mostLeft < needed * views.length) return 0;
    const image = await sampleFace(photograph, view, input, enlargement);
    const seen = await network.find(
      [false, true].map((mirrored) => ({ image, mirrored })),
      leastProbability,
    );
    const both = seen.map((faces) => centralFace(faces, input, faceShare)?.probability ?? 0);
    sum += both.reduce((total, probability) => total + probability, 0) / both.length;
    mostLeft--;
  }
  const mean = sum / views.length;
  return mean < needed ? 0 : mean;
}
