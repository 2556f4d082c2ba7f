import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import { hasErrorCode } from '../../../storage/files/durable-files.js';
import { datasetFailure } from '../../dataset-failure.js';
import { imagesBelow } from '../image-files.js';
import { facesInFiles, type IdentityImage } from '../faces-in-files.js';
import type { IdentityFormat } from '../identity-format.js';

/**
 * A folder with one folder an identity and its images in it, at any depth. Images are named by their path below the
 * folder, with forward slashes; files beside the identities are no part of the data.
 */
export const identityFolder = {
  name: 'identity-folder',
  shortName: 'identities',
  takes: ['subfolder'],
  /** @param place its `subfolder`, such as CFP's `frontal`, is that of each identity whose images are meant */
  open: async ({ path, subfolder }) => facesInFiles(path, await listImages(path, subfolder ?? '')),
} as const satisfies IdentityFormat;

/** @throws Failure DATASET_INVALID where it is no folder or holds no image */
async function listImages(folder: string, subfolder: string): Promise<readonly IdentityImage[]> {
  const file = basename(folder);
  const status = await stat(folder).catch((cause: unknown) => {
    throw datasetFailure({ file }, 'cannot be read', cause);
  });
  if (!status.isDirectory()) throw datasetFailure({ file }, 'is no folder of identities');
  const images: IdentityImage[] = [];
  for (const identity of (await readdir(folder)).sort()) {
    const paths = await imagesOf(join(folder, identity, subfolder), identity);
    images.push(...paths.map((path) => ({ name: nameBelow(folder, path), identity })));
  }
  if (images.length === 0) {
    throw datasetFailure({ file }, `holds no image; ${join('IDENTITY', subfolder, 'image.jpg')} is expected`);
  }
  return images;
}

/** A link to a folder is a folder: data sets are often put together of such. */
async function imagesOf(folder: string, file: string): Promise<readonly string[]> {
  try {
    return (await stat(folder)).isDirectory() ? await imagesBelow(folder) : [];
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT', 'ENOTDIR')) return [];
    // An identity that cannot be read must not silently shrink the data.
    throw datasetFailure({ file }, 'cannot be read', cause);
  }
}

function nameBelow(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/');
}
