/**
 * Pairs of a frontal and a profile photograph of Celebrities in Frontal-Profile, of a range of its identities, as CSV
 * for `symface benchmark --format csv` and a training's `pairs-csv`: all genuine pairs, or so many drawn from them, and as
 * many impostor pairs. The same for the same seed.
 *
 *   node bench/accuracy/frontal-profile-pairs.mjs CFP-FOLDER --from 201 --to 250 > pairs.csv
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { uniformGenerator } from '../../dist/core/random/seeded-random.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    from: { type: 'string', default: '201' },
    to: { type: 'string', default: '250' },
    pairs: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
  },
});
const [folder] = positionals;
if (folder === undefined) throw new Error('name the folder of CFP: its identities are 001 to 500');
const uniform = uniformGenerator(Number(options.seed));
const drawn = (list) => list[Math.floor(uniform() * list.length)];
const identities = (await readdir(folder))
  .filter((name) => Number(name) >= Number(options.from) && Number(name) <= Number(options.to))
  .sort();
const photographs = new Map();
for (const identity of identities) {
  const of = async (pose) =>
    (await readdir(join(folder, identity, pose))).sort().map((file) => `${identity}/${pose}/${file}`);
  photographs.set(identity, { frontal: await of('frontal'), profile: await of('profile') });
}
const genuine = [...photographs.values()].flatMap(({ frontal, profile }) =>
  frontal.flatMap((first) => profile.map((second) => [first, second])),
);
if (identities.length < 2)
  throw new Error(`${folder} has no two identities from ${options.from} to ${options.to}`);
// There are as many impostor pairs at least: of each identity with any other one.
const count = Math.min(Number(options.pairs), genuine.length);
// Fisher and Yates, as far as it is needed.
for (let index = 0; index < count; index++) {
  const other = index + Math.floor(uniform() * (genuine.length - index));
  [genuine[index], genuine[other]] = [genuine[other], genuine[index]];
}
const impostors = new Set();
while (impostors.size < count) {
  const [first, second] = [drawn(identities), drawn(identities)];
  if (first === second) continue;
  impostors.add(`${drawn(photographs.get(first).frontal)},${drawn(photographs.get(second).profile)}`);
}
// Persons too, so that intervals are by a bootstrap over them.
const personOf = (photograph) => photograph.split('/')[0];
const line = (pair, same) => [...pair, same, ...pair.map(personOf)].join(',');
console.log('image_a,image_b,same,identity_a,identity_b');
for (const pair of genuine.slice(0, count)) console.log(line(pair, 1));
for (const pair of impostors) console.log(line(pair.split(','), 0));
