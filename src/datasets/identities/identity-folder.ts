import { readdir, stat } from 'node:fs/promises';
import { basename, join, relative, sep } from 'node:path';
import type { IdentityDataset } from '../../core/protocols/benchmark-dataset.js';
import { hasErrorCode } from '../../storage/files/durable-files.js';
import { datasetFailure } from '../dataset-failure.js';
import { imagesBelow } from './image-files.js';
import { readFolderImage } from './image-folder.js';

/**
 * A folder with one folder an identity and its images in it, at any depth: what training data looks like. There are no
 * pairs. Images are named by their path below the folder, with forward slashes; files beside the identities are no part
 * of the data.
 * @param subfolder only the images in this folder of each identity, such as CFP's `frontal`; empty for all
 * @throws Failure DATASET_INVALID where it is no folder or holds no image
 */
export async function readIdentityFolder(folder: string, subfolder = ''): Promise<IdentityDataset> {
  const file = basename(folder);
  const status = await stat(folder).catch((cause: unknown) => {
    throw datasetFailure({ file }, 'cannot be read', cause);
  });
  if (!status.isDirectory()) throw datasetFailure({ file }, 'is no folder of identities');
  const images: { readonly name: string; readonly identity: string }[] = [];
  for (const identity of (await readdir(folder)).sort()) {
    const paths = await imagesOf(join(folder, identity, subfolder), identity);
    images.push(...paths.map((path) => ({ name: nameBelow(folder, path), identity })));
  }
  if (images.length === 0) {
    throw datasetFailure({ file }, `holds no image; ${join('IDENTITY', subfolder, 'image.jpg')} is expected`);
  }
  return { images, read: async (index) => readFolderImage(folder, images[index]) };
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
