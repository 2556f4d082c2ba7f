/**
 * `npm run bench:detect`: detectors of a data folder side by side, through the service's own code. Faces missed and found
 * twice on CFP, LFW and camera pictures (see camera-pictures.mjs), faces found where there is none, processor time, and the
 * landmarks: their distance from the reference's, and how much they move where the picture is moved by a pixel, scaled or
 * compressed.
 *
 *   npm run build && npm run bench:detect -- [--detector NAME ...] [--data-dir .symface] [--data ../shared/data]
 *     [--retinaface ../shared/models/retinaface_mobilenet0.25_640.onnx] [--set PREFIX ...] [--limit N] [--steady 40]
 *     [--processes 2] [--output report.json]
 *
 * NAME is a display name, a version's id or FAMILY:FILE.onnx (families: retinaface, scrfd, yunet); without one all detectors
 * of the folder are compared. The reference, RetinaFace, is in every table. `--limit` takes so many pictures of each set,
 * `--steady` of the larger ones for the landmarks' spread, `--set` sets whose names begin so.
 *
 * Missed: no face was found where the reference sees the one that the picture was cut around, or, where the reference sees
 * none, none at all. Intervals of shares are Wilson's, of means by bootstrap over persons; both 95 %.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { observeAll } from './observe-all.mjs';
import { chosenDetectors, detectorOfFile } from './models.mjs';
import { evenly, photographSets } from './photograph-sets.mjs';
import { report } from './report.mjs';

const usage = `npm run bench:detect -- [options]
  --detector NAME    display name, version id, or FAMILY:FILE.onnx; may be repeated; default: all of the data folder
  --data-dir FOLDER  the service's data folder (.symface)
  --data FOLDER      holds cfp, lfw, celeba299 and photos (../shared/data)
  --retinaface FILE  the reference (../shared/models/retinaface_mobilenet0.25_640.onnx)
  --set PREFIX       only sets whose names begin so; may be repeated
  --limit N          pictures of each set at most
  --steady N         pictures of each set whose landmarks' spread is measured (40)
  --processes N      that share the pictures (2)
  --output FILE         the figures as JSON`;

/** The sets whose landmarks' spread is measured: persons that were not trained on. */
const steadySets = ['CFP frontal 201-250', 'CFP profile 201-250', 'LFW', 'camera, held out'];

const { values: options } = parseArgs({
  options: {
    detector: { type: 'string', multiple: true, default: [] },
    'data-dir': { type: 'string', default: '.symface' },
    data: { type: 'string', default: '../shared/data' },
    retinaface: { type: 'string', default: '../shared/models/retinaface_mobilenet0.25_640.onnx' },
    set: { type: 'string', multiple: true, default: [''] },
    limit: { type: 'string', default: 'Infinity' },
    steady: { type: 'string', default: '40' },
    processes: { type: 'string', default: '2' },
    output: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help) {
  console.log(usage);
  process.exit(0);
}
if (!existsSync(options.data) || !existsSync(options.retinaface)) {
  console.error(`${options.data} or ${options.retinaface} is absent.\n${usage}`);
  process.exit(2);
}

const scratchFolder = await mkdtemp(join(tmpdir(), 'symface-bench-'));
try {
  const stored = await detectorOfFile(`retinaface:${options.retinaface}`, scratchFolder);
  const reference = { name: 'RetinaFace (reference)', stored };
  const detectors = [
    reference,
    ...(await chosenDetectors(options['data-dir'], options.detector, scratchFolder)),
  ];
  for (const { name, stored: model } of detectors) console.log(`${name}: ${model.version.id}`);
  const observations = await observeAll(detectors, await chosenPictures(), Number(options.processes));
  const figures = report(
    detectors.map(({ name }) => name),
    observations,
  );
  if (options.output !== undefined) await writeFile(options.output, `${JSON.stringify(figures, null, 2)}\n`);
} finally {
  await rm(scratchFolder, { recursive: true });
}

async function chosenPictures() {
  const limit = Number(options.limit);
  const steady = Number(options.steady);
  const sets = { ...(await photographSets(options.data)), ...(await wholePhotographs()) };
  return Object.entries(sets)
    .filter(([set]) => options.set.some((prefix) => set.startsWith(prefix)))
    .flatMap(([set, pictures]) => {
      const chosen = evenly(pictures, limit);
      const measured = new Set(steadySets.includes(set) ? evenly(chosen, steady) : []);
      return chosen.map((picture) => ({ ...picture, isSteady: measured.has(picture) }));
    });
}

async function wholePhotographs() {
  const folder = join(options.data, 'photos');
  const set = 'whole photographs';
  const names = existsSync(folder) ? (await readdir(folder)).sort() : [];
  return {
    [set]: names.map((name) => ({ set, name, identity: name, source: { file: join(folder, name) } })),
  };
}
