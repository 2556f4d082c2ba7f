import { relative, sep } from 'node:path';
import type { IdentityImage } from './faces-in-files.js';
import { walkFolder } from './folder-walk.js';
import type { PassedOver } from './passed-over.js';

/** An image in an identity's folder. */
export interface FoundImage extends IdentityImage {
  readonly path: string;
}

/** The images of a folder with one folder an identity; each file that was seen is in one of both. */
export interface FoundImages {
  readonly images: readonly FoundImage[];
  readonly passedOver: readonly PassedOver[];
}

/**
 * Finds the images of identities in a folder with one folder an identity and its images in it, at any depth. Images are named
 * by their path below the folder, with forward slashes.
 * @param subfolder of each identity, whose images alone are meant; all of them where empty
 * @throws the system's error where the folder cannot be read
 */
export async function findIdentityImages(folder: string, subfolder = ''): Promise<FoundImages> {
  const walked = await walkFolder(folder);
  const images: FoundImage[] = [];
  const passedOver = [...walked.passedOver];
  for (const path of walked.images) {
    const name = relative(folder, path).split(sep).join('/');
    const [identity = '', ...within] = name.split('/');
    if (within.length === 0) passedOver.push({ path, reason: 'no-identity' });
    else if (subfolder !== '' && !within.join('/').startsWith(`${subfolder}/`))
      passedOver.push({ path, reason: 'other-folder' });
    else images.push({ path, name, identity });
  }
  return { images, passedOver };
}
