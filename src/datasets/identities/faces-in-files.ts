import { join } from 'node:path';

import type { IdentityFaces } from './identity-format.js';

/** An image and whom it shows. */
export interface IdentityImage {
  /** Path below the data set's folder. */
  readonly name: string;
  readonly identity: string;
}

/** Faces each of which is a file of its own. */
export function facesInFiles(folder: string, images: readonly IdentityImage[]): IdentityFaces {
  // Classes must not depend on the order of a list or of a folder's entries.
  const identities = [...new Set(images.map(({ identity }) => identity))].sort((a, b) => (a < b ? -1 : 1));
  const indexOf = new Map(identities.map((identity, index) => [identity, index]));
  const faceNamed = new Map(images.map(({ name }, face) => [name, face]));
  const image = (face: number): IdentityImage => {
    const found = images[face];
    if (found === undefined) throw new RangeError(`there is no face ${face}`);
    return found;
  };
  return {
    faceCount: images.length,
    identities,
    identityOf: (face) => indexOf.get(image(face).identity) ?? 0,
    nameOf: (face) => image(face).name,
    faceNamed: (name) => faceNamed.get(name),
    locationOf: (face) => ({ kind: 'file', path: join(folder, image(face).name) }),
  };
}
