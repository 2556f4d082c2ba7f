import type { DatasetPair } from './benchmark-dataset.js';
import { uniformGenerator } from '../random/seeded-random.js';

/** Draws that find nothing new before all pairs of a kind count as found. */
const patience = 50;

/**
 * Distinct pairs of faces, genuine and impostor in turns, so that any contiguous folds hold as many of both.
 * @param labels whom each face shows
 * @param count of all pairs; fewer come out where there are not as many
 */
export function drawPairs(labels: ArrayLike<number>, count: number, seed: number): readonly DatasetPair[] {
  const uniform = uniformGenerator(seed);
  const facesOf = new Map<number, number[]>();
  for (let face = 0; face < labels.length; face++) {
    const label = labels[face] ?? 0;
    const faces = facesOf.get(label) ?? [];
    faces.push(face);
    facesOf.set(label, faces);
  }
  const groups = [...facesOf.values()];
  const shared = groups.filter(({ length }) => length > 1);
  const pick = (elements: readonly number[]): number =>
    elements[Math.floor(uniform() * elements.length)] ?? 0;
  const group = (of: readonly number[][]): readonly number[] => of[pick([...of.keys()])] ?? [];
  const wanted = Math.floor(count / 2);
  const genuine = distinct(wanted, () => {
    const faces = group(shared);
    return [pick(faces), pick(faces)];
  });
  const impostor = distinct(wanted, () => {
    const [one, other] = [group(groups), group(groups)];
    return one === other ? [0, 0] : [pick(one), pick(other)];
  });
  return genuine
    .slice(0, impostor.length)
    .flatMap((pair, index) => [
      { ...pair, genuine: true },
      ...impostor.slice(index, index + 1).map((other) => ({ ...other, genuine: false })),
    ]);
}

interface Pair {
  readonly first: number;
  readonly second: number;
}

/** A draw of one face twice is a miss. */
function distinct(count: number, draw: () => readonly [number, number]): readonly Pair[] {
  const pairs = new Map<string, Pair>();
  for (let misses = 0; pairs.size < count && misses < patience * count;) {
    const drawn = draw();
    const [first, second] = [Math.min(...drawn), Math.max(...drawn)];
    const key = `${first} ${second}`;
    if (first === second || pairs.has(key)) misses++;
    else pairs.set(key, { first, second });
  }
  return [...pairs.values()];
}
