import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { evenlyOverIdentities } from '../../core/protocols/choice/evenly-over-identities.js';
import { l2Normalise } from '../../core/verification/similarity.js';
import {
  type EmbeddingProjection,
  fitWithinClassWhitening,
} from '../../learning/projection/within-class-whitening.js';
import type { DataLoader } from '../data/data-loader.js';
import { rgbImages } from '../data/rgb-images.js';
import { embedImages } from '../evaluation/measure-evaluation-set.js';
import type { ServingNetwork } from './serving-network.js';

/** Aligned faces, and whose each is. */
export interface LabelledCrops {
  readonly images: readonly RgbImage[];
  readonly labels: readonly number[];
}

/** With more faces the figures of identities held out rise no more (docs/results/retraining.md). */
const mostFittedFaces = 500;
const batchFaces = 32;
/**
 * λ: of 1, 3 and 10 the one with the best true accept rates of persons who were not fitted to, on six domain shifts
 * (docs/results/retraining.md).
 */
const shrinkage = 3;

/**
 * Faces that are trained on, whole and as they are: as many of each identity as there is room for. Replayed ones, which are last, are not among them:
 * how the site's photographs differ and look is what is fitted.
 */
export async function cropsToFit(
  data: Pick<DataLoader, 'chosenFaces' | 'labels' | 'replay'>,
  alignment: AlignmentTemplate,
): Promise<LabelledCrops> {
  const own = data.labels.subarray(0, data.labels.length - (data.replay?.faceCount ?? 0));
  const chosen = evenlyOverIdentities(own, mostFittedFaces);
  const images: RgbImage[] = [];
  for await (const faces of data.chosenFaces(chosen, batchFaces))
    images.push(...rgbImages(faces.images, alignment));
  return { images, labels: chosen.map((face) => own[face] ?? 0) };
}

/** The projection that makes the photographs of each of these persons alike, as this network sees them. */
export async function fittedProjection(
  { graph, manifest }: ServingNetwork,
  { images, labels }: LabelledCrops,
  threads: number,
): Promise<EmbeddingProjection> {
  // Mirror images would double the time, and tell nothing of how photographs of a person differ.
  const embedding = { ...manifest.embedding, testTimeAugmentation: 'none' as const };
  const rows = await embedImages(graph, { ...manifest, embedding }, images, threads);
  const dimension = rows[0]?.length ?? 0;
  const units = new Float32Array(rows.length * dimension);
  for (const [row, values] of rows.entries()) units.set(l2Normalise(values), row * dimension);
  return fitWithinClassWhitening(units, labels, { shrinkage });
}
