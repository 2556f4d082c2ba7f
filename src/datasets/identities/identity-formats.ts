import { identityFormatsByFile } from '../generated/identity-formats.js';
import type { IdentityDataset } from '../../core/protocols/benchmark-dataset.js';
import type { IdentityFaces, IdentityFormat, IdentityPlace } from './identity-format.js';
import { ImageReader } from './image-location.js';

/** What training configurations and files of tags may call a format. */
export type IdentityFormatName = (typeof identityFormatsByFile)[number]['name'];

/** Every layout of images of identities that can be read: what the files of `formats/` define. */
export const IDENTITY_FORMATS: readonly (IdentityFormat & { readonly name: IdentityFormatName })[] =
  identityFormatsByFile;

/** Lists the faces of a data set of any format. @throws Failure DATASET_INVALID naming what is wrong */
export async function openIdentities(
  format: IdentityFormatName,
  place: IdentityPlace,
): Promise<IdentityFaces> {
  const found = IDENTITY_FORMATS.find(({ name }) => name === format);
  if (found === undefined) throw new RangeError(`there is no format ${format}`);
  return found.open(place);
}

/** The files that data of a format needs beside the one that its path names. @throws Failure DATASET_INVALID for another name */
export function filesBeside(format: string, path: string): readonly string[] {
  return IDENTITY_FORMATS.find(({ name }) => name === format)?.filesBeside?.(path) ?? [];
}

/** The images of faces as a data set, for tagging. */
export function identityDataset(faces: IdentityFaces): IdentityDataset {
  const images = Array.from({ length: faces.faceCount }, (_, face) => ({
    name: faces.nameOf(face),
    identity: faces.identities[faces.identityOf(face)] ?? '',
  }));
  return {
    images,
    read: async (face) => {
      // Nobody says when the last image was read, so no file is kept open.
      const reader = new ImageReader();
      try {
        return await reader.read(faces.nameOf(face), faces.locationOf(face));
      } finally {
        await reader.close();
      }
    },
  };
}
