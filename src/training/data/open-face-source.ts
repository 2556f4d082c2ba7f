import { openIdentities } from '../../datasets/identities/identity-formats.js';
import { openSnapshot } from '../enrolled-faces/open-snapshot.js';
import type { TrainingDataLocation, TrainingFaceSource } from './training-face-source.js';

/** Lists the faces of a data set of any format. @throws Failure DATASET_INVALID naming what is wrong */
export async function openFaceSource({
  format,
  ...place
}: TrainingDataLocation): Promise<TrainingFaceSource> {
  if (format === 'enrolled-faces') return openSnapshot(place.path);
  return { format, ...(await openIdentities(format, place)) };
}
