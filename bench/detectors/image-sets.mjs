/** Photographs by identity, none of them LFW's. */
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** @returns set name -> [{ path, identity }], the first `perIdentity` photographs of the first `identities` */
export async function imageSets(dataFolder, identities, perIdentity) {
  const sets = {
    celeba299: await photographs(join(dataFolder, 'celeba299'), '', identities, perIdentity),
    'cfp frontal': await photographs(join(dataFolder, 'cfp'), 'frontal', identities, perIdentity),
    'cfp profile': await photographs(join(dataFolder, 'cfp'), 'profile', identities, perIdentity),
  };
  return sets;
}

async function photographs(folder, subfolder, identities, perIdentity) {
  if (!existsSync(folder)) {
    console.error(`${folder} is not there: give the folder of the data sets with --data.`);
    process.exit(2);
  }
  const chosen = (await readdir(folder)).sort().slice(0, identities);
  const lists = await Promise.all(
    chosen.map(async (identity) => {
      const names = (await readdir(join(folder, identity, subfolder)))
        .filter((name) => name.endsWith('.jpg'))
        .sort();
      return names
        .slice(0, perIdentity)
        .map((name) => ({ path: join(folder, identity, subfolder, name), identity }));
    }),
  );
  return lists.flat();
}

/** Of several faces the one that the photograph was cut around: large and near the middle. */
export function centralFace(image, faces) {
  const weight = ({ box }) => {
    const dx = box.x + box.width / 2 - image.width / 2;
    const dy = box.y + box.height / 2 - image.height / 2;
    return box.width * box.height - 2 * (dx * dx + dy * dy);
  };
  return faces.toSorted((a, b) => weight(b) - weight(a))[0];
}
