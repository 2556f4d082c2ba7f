/** LFW's View 2, or the first pairs of each of its folds. */
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const folds = 10;
const pairsOfAKind = 300;

/**
 * Writes the list of a smaller View 2.
 * @param folder LFW's, with `pairs.txt` and `images`
 * @param kept pairs of each kind and fold; 300 are all
 * @returns `{ list, imageFolder, files }`: the list's path, and every image it names, once
 */
export async function lfwList(folder, kept, outFolder) {
  const [, ...lines] = (await readFile(join(folder, 'pairs.txt'), 'utf8')).trim().split('\n');
  if (lines.length !== folds * 2 * pairsOfAKind) throw new Error(`${folder} does not hold LFW's View 2`);
  const chosen = lines.filter((_, index) => index % pairsOfAKind < kept);
  const list = join(outFolder, 'pairs.txt');
  await writeFile(list, `${folds}\t${kept}\n${chosen.join('\n')}\n`);
  const imageFolder = resolve(folder, 'images');
  const names = new Set(chosen.flatMap(imagesOf));
  return { list, imageFolder, files: [...names].map((name) => join(imageFolder, name)) };
}

function imagesOf(line) {
  const fields = line.trim().split(/\s+/u);
  const [name, first, other, second] =
    fields.length === 3 ? [fields[0], fields[1], fields[0], fields[2]] : fields;
  return [imageOf(name, first), imageOf(other, second)];
}

function imageOf(name, number) {
  return `${name}/${name}_${number.padStart(4, '0')}.jpg`;
}
