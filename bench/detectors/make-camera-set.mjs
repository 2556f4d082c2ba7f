/**
 * Writes the pictures that `npm run bench:detect` calls camera pictures as PNG files, IDENTITY-NUMBER.png.
 *
 *   node bench/detectors/make-camera-set.mjs --output FOLDER [--data ../shared/data] [--all]
 *
 * Without --all only identities that no detector of SymFace was trained on.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { cameraPicture } from './camera-pictures.mjs';
import { identitiesOf, isHeldOut } from './photograph-sets.mjs';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    data: { type: 'string', default: '../shared/data' },
    all: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || options.output === undefined) {
  console.error('node bench/detectors/make-camera-set.mjs --output FOLDER [--data FOLDER] [--all]');
  process.exit(options.help ? 0 : 2);
}
const decoder = new SharpImageDecoder();
await mkdir(options.output, { recursive: true });
let count = 0;
for (const { identity, files } of await identitiesOf(join(options.data, 'celeba299'))) {
  if (!options.all && !isHeldOut(identity)) continue;
  for (const file of files) {
    const name = `${identity}/${file.split('/').at(-1)}`;
    const { width, height, pixels } = await cameraPicture(await decoder.decode(await readFile(file)), name);
    const target = join(options.output, name.replace('/', '-').replace('.jpg', '.png'));
    await sharp(pixels, { raw: { width, height, channels: 3 } })
      .png()
      .toFile(target);
    count++;
  }
}
console.log(`${count} pictures in ${options.output}`);
