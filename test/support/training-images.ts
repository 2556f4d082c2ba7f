import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TagFile } from '../../src/datasets/tags/tag-file.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import type { Landmarks } from '../../src/core/faces/landmarks.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import { sampleTag } from './sample-tag.js';

/** A picture unlike that of any other seed, and unlike its own mirror image. */
export function pictureOf(seed: number, width = 112, height = 112): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let index = 0; index < pixels.length; index++)
    pixels[index] = (index * (seed + 3) + (index >> 4) * 7 + seed * 31) % 256;
  return { width, height, pixels };
}

/** A made-up image of a data set, and what its tag says. */
export interface TaggedPicture {
  /** Path in the data set */
  readonly name: string;
  readonly picture: RgbImage;
  /** 0: no face is found */
  readonly rho: number;
  readonly landmarks: Landmarks;
}

/** Aligned faces of person-0, person-1 …, in turn; every other one is symmetric. */
export function picturesOfPersons(identityCount: number, facesOfEach: number): TaggedPicture[] {
  return Array.from({ length: identityCount * facesOfEach }, (_, index) => ({
    name: `person-${index % identityCount}/${index}.png`,
    picture: pictureOf(index),
    rho: index % 2 === 0 ? 0.6 : 0.1,
    landmarks: arcFaceTemplate.landmarks,
  }));
}

/** Writes the pictures into a folder of identities, with the tags in it. */
export async function writeTaggedFaces(folder: string, pictures: readonly TaggedPicture[]): Promise<void> {
  const encoded = await writePictures(folder, pictures);
  await writeTags(join(folder, 'tags.jsonl'), 'identity-folder', pictures, encoded);
}

/** Writes the pictures as PNG. @returns their bytes, in the same order */
export async function writePictures(
  folder: string,
  pictures: readonly TaggedPicture[],
): Promise<Uint8Array[]> {
  return Promise.all(
    pictures.map(async ({ name, picture }) => {
      const encoded = await encodePng(picture);
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), encoded);
      return encoded;
    }),
  );
}

/** Writes a file of tags. @param names of the images in the data set, where they are not the pictures' own */
export async function writeTags(
  path: string,
  format: string,
  pictures: readonly TaggedPicture[],
  encoded: readonly Uint8Array[],
  names: readonly string[] = pictures.map(({ name }) => name),
): Promise<void> {
  const file = await TagFile.restart(path, { format, imageKind: 'aligned-crop', detectorVersion: 'test-1' });
  for (const [index, { rho, landmarks }] of pictures.entries()) {
    const tag = sampleTag(names[index] ?? '');
    const about = {
      image: tag.image,
      sha256: createHash('sha256')
        .update(encoded[index] ?? '')
        .digest('hex'),
    };
    await file.append(
      rho === 0 || tag.face === null
        ? { ...about, face: null, reason: 'FACE_NOT_FOUND' }
        : { ...about, face: { ...tag.face, rho, landmarks } },
    );
  }
  await file.close();
}
