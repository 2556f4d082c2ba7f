import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import sharp from 'sharp';

import { sharedPath } from './shared-data.js';

const folder = sharedPath('data', 'celeba299');
/** Of the 160 pixels of a photograph; around the face there are nearly as many again. */
const FACE = { left: 24, top: 24, width: 112, height: 112 };

/** Whether photographs of celebrities are there; where not, prints why the caller's cases are skipped. */
export function hasCelebrityFaces(suite: string): boolean {
  if (existsSync(folder)) return true;
  console.log(`skipped: ${suite} needs ../shared/data/celeba299 (photographs of faces), which is absent`);
  return false;
}

export interface CelebrityFaces {
  /** [side, side, 3] bytes, RGB */
  readonly images: readonly Buffer[];
  /** From 0, in the order of the identities */
  readonly labels: readonly number[];
}

/** The middles of the first photographs of some identities, which the faces fill. @param first identity, from 0 */
export async function celebrityFaces(
  first: number,
  identityCount: number,
  facesOfEach: number,
  side: number,
): Promise<CelebrityFaces> {
  const identities = readdirSync(folder)
    .sort()
    .slice(first, first + identityCount);
  const located = identities.flatMap((identity, label) =>
    readdirSync(join(folder, identity))
      .sort()
      .slice(0, facesOfEach)
      .map((file) => ({ path: join(folder, identity, file), label })),
  );
  const images = located.map(({ path }) =>
    sharp(path).extract(FACE).resize(side, side).removeAlpha().toColourspace('srgb').raw().toBuffer(),
  );
  return { images: await Promise.all(images), labels: located.map(({ label }) => label) };
}
