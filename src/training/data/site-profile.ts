import { measurePicture, type PictureMeasures } from '../../core/images/picture-measures.js';
import type { TrainedOnFaces } from '../../core/models/manifest.js';
import { evenlyOverIdentities } from '../../core/protocols/choice/evenly-over-identities.js';
import type { BatchShape } from '../../learning/sampler/training-batch.js';
import { rgbImages } from './rgb-images.js';

/** Each takes some milliseconds, and more would add no other looks. */
const mostMeasuredFaces = 500;
const batchFaces = 32;

/** Faces of a site, and what is replayed with them. */
export interface SiteFaces {
  /** [N] whose face each is, those that are replayed last */
  readonly labels: Int32Array;
  readonly replay: Pick<TrainedOnFaces, 'faceCount'> | undefined;
  readonly shape: Pick<BatchShape, 'imageHeight' | 'imageWidth'>;
  chosenFaces(faces: readonly number[], batchFaces: number): AsyncIterable<{ readonly images: Float32Array }>;
}

/**
 * What faces of a site look like: the measures of at most 500 of them, evenly over the identities, each face's together, since
 * small pictures are noisy and dark ones grey. What is replayed is of elsewhere and is not measured.
 */
export async function siteProfile(site: SiteFaces): Promise<readonly PictureMeasures[]> {
  const { imageHeight: height, imageWidth: width } = site.shape;
  const ownFaces = site.labels.subarray(0, site.labels.length - (site.replay?.faceCount ?? 0));
  const measured: PictureMeasures[] = [];
  const chosen = evenlyOverIdentities(ownFaces, mostMeasuredFaces);
  for await (const { images } of site.chosenFaces(chosen, batchFaces))
    measured.push(...rgbImages(images, { height, width }).map(measurePicture));
  return measured;
}
