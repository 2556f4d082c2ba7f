import { shuffle, uniformGenerator } from '../../core/random/seeded-random.js';
import type { FoundImage } from '../identities/identity-images.js';
import { seedOf } from './random-numbers.js';

/** Faces that are turned so far count as profiles. The median of CFP's is 60, and 95 % of its frontal ones are below 13. */
export const profileYawDegrees = 40;
/** Photographs from the front that each identity keeps, unless something else is asked for. */
export const defaultFrontalCount = 2;

export type View = 'frontal' | 'profile';

/**
 * The views that a set's folders tell, as Celebrities in Frontal-Profile's do (IDENTITY/frontal, IDENTITY/profile): one an image,
 * undefined where an image lies in neither; undefined where no image lies in a folder `profile`.
 */
export function viewsByFolder(images: readonly FoundImage[]): readonly (View | undefined)[] | undefined {
  const views = images.map(({ name }) => {
    const [, ...folders] = name.split('/').slice(0, -1);
    return (['profile', 'frontal'] as const).find((view) => folders.includes(view));
  });
  return views.includes('profile') ? views : undefined;
}

/**
 * A profile-heavy choice: of each identity all photographs from the side, and at most so many others, drawn by the seed and the
 * identity's name alone. Identities without one from the side are left out. The order of the images stays.
 */
export function chooseProfiles<Image extends { readonly identity: string; readonly view: View }>(
  images: readonly Image[],
  { seed, frontalCount }: { readonly seed: number; readonly frontalCount: number },
): readonly Image[] {
  const byIdentity = new Map<string, Image[]>();
  for (const image of images) {
    const own = byIdentity.get(image.identity) ?? [];
    own.push(image);
    byIdentity.set(image.identity, own);
  }
  const kept = new Set<Image>();
  for (const [identity, own] of byIdentity) {
    const profiles = own.filter(({ view }) => view === 'profile');
    if (profiles.length === 0) continue;
    const others = own.filter(({ view }) => view === 'frontal');
    const drawn = shuffle([...others], uniformGenerator(seedOf(seed, 'profiles', identity)));
    for (const image of [...profiles, ...drawn.slice(0, frontalCount)]) kept.add(image);
  }
  return images.filter((image) => kept.has(image));
}
