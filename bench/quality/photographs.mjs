/** The photographs of a set: { identity, image, file, view }, in the order of their names. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Layout -> (folder, identity, counts) => photographs of the identity. */
export const layouts = {
  /** FOLDER/IDENTITY/PHOTOGRAPH, as CelebA's and LFW's lie here. */
  folders: async (folder, identity, { photographs, skip }) =>
    photographsIn(folder, identity, { view: 'wild', first: skip, count: photographs }),
  /** FOLDER/IDENTITY/frontal|profile/PHOTOGRAPH, as Celebrities in Frontal-Profile has it. */
  cfp: async (folder, identity, { photographs, profiles, skip }) => [
    ...(await photographsIn(folder, join(identity, 'frontal'), {
      view: 'frontal',
      first: skip,
      count: photographs,
    })),
    ...(await photographsIn(folder, join(identity, 'profile'), {
      view: 'profile',
      first: 0,
      count: profiles,
    })),
  ],
};

/**
 * @param choice `{ layout, from, to, identities, leastPhotographs, photographs, profiles, skip }`; `from` and `to` are identities' names, both
 *   included; `leastPhotographs` leaves out whom the set shows less often
 */
export async function photographsOf(folder, { layout, from, to, identities, leastPhotographs, ...counts }) {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() && entry.name >= from && entry.name <= to)
    .map(({ name }) => name)
    .sort();
  const chosen = [];
  for (const identity of names) {
    if (chosen.length >= identities) break;
    const own = await layouts[layout](folder, identity, counts);
    if (own.length >= leastPhotographs) chosen.push(own.map((photograph) => ({ identity, ...photograph })));
  }
  return chosen.flat();
}

async function photographsIn(folder, subfolder, { view, first, count }) {
  const names = (await readdir(join(folder, subfolder)))
    .filter((name) => /\.(?:jpe?g|png|webp|bmp)$/iu.test(name) && !name.startsWith('.'))
    .sort();
  return names.slice(first, first + count).map((name) => {
    const image = join(subfolder, name).replaceAll('\\', '/');
    return { image, file: join(folder, subfolder, name), view };
  });
}
