import type { DetectedFace } from '../../core/faces/face.js';
import type { Photograph } from '../decode/photograph.js';
import type { BatchImage } from '../runtime/pixel-tensor.js';
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
 * @returns the mean of what the views say, 0 to 1
 */
export async function confirmation(
  network: FaceNetwork,
  photograph: Photograph,
  face: DetectedFace,
): Promise<number> {
  const { input } = network;
  const views = confirmingViews(closeUpToPhotograph(face, input), input);
  let sum = 0;
  for (const { view, faceShare } of views) {
    const image = await sampleFace(photograph, view, input, enlargement);
    const both: readonly BatchImage[] = [false, true].map((mirrored) => ({ image, mirrored }));
    for (const faces of await network.find(both, leastProbability))
      sum += centralFace(faces, input, faceShare)?.probability ?? 0;
  }
  return sum / (2 * views.length);
}
