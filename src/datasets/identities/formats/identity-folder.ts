import { stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { datasetFailure } from '../../dataset-failure.js';
import { facesInFiles } from '../faces-in-files.js';
import { findIdentityImages, type FoundImages } from '../identity-images.js';
import type { IdentityFormat } from '../identity-format.js';
import { passedOverText } from '../passed-over.js';

/**
 * A folder with one folder an identity and its images in it, at any depth. Images are named by their path below the
 * folder, with forward slashes; what else lies there is no part of the data, and counted.
 */
export const identityFolder = {
  name: 'identity-folder',
  shortName: 'identities',
  takes: ['subfolder'],
  /** @param place its `subfolder`, such as CFP's `frontal`, is that of each identity whose images are meant */
  open: async ({ path, subfolder }) => {
    const { images, passedOver } = await listImages(path, subfolder ?? '');
    return { ...facesInFiles(path, images), passedOver };
  },
} as const satisfies IdentityFormat;

/** @throws Failure DATASET_INVALID where it is no folder, holds no image, or something in it cannot be read */
async function listImages(folder: string, subfolder: string): Promise<FoundImages> {
  const file = basename(folder);
  const cannotBeRead = (cause: unknown): never => {
    throw datasetFailure({ file }, 'cannot be read', cause);
  };
  const status = await stat(folder).catch(cannotBeRead);
  if (!status.isDirectory()) throw datasetFailure({ file }, 'is no folder of identities');
  const found = await findIdentityImages(folder, subfolder).catch(cannotBeRead);
  const nameOf = (path: string): string => relative(folder, path).split(sep).join('/');
  // An identity that cannot be read must not shrink the data.
  const unreadable = found.passedOver.find(({ reason }) => reason === 'unreadable');
  if (unreadable !== undefined) throw datasetFailure({ file: nameOf(unreadable.path) }, 'cannot be read');
  if (found.images.length > 0) return found;
  const seen = passedOverText(found.passedOver, nameOf);
  const expected = `holds no image; ${join('IDENTITY', subfolder, 'image.jpg')} is expected`;
  throw datasetFailure({ file }, seen === undefined ? expected : `${expected}. ${seen}`);
}
