/**
 * `npm run bench:retraining`: does a retraining with the service's defaults help where a site's pictures differ from what the backbone knows,
 * and does it cost anything where they do not? Six shifts (docs/domain-shift.md) and photographs as they are, end to end through gRPC: 180
 * identities enrolled with consent, trained on, assessed, activated; before and after, EER and TAR of identities who were never seen, and LFW.
 *
 *   npm run build && npm run bench:retraining -- [--shifts none,camera,masks] [--subjects 180] [--unseen 70] [--faces-per-subject 8]
 *     [--policy '{"headEpochs": 1}'] [--at-once 2] [--output runs/bench-retraining] [--no-lfw] [--redraw]
 *
 * Writes results.json, report.html, and for each shift raw/SHIFT.json with the embeddings of the unseen, to OUTPUT; faces that were found are
 * kept in OUTPUT/tags, so that a second run does not look for them again. --policy is a TrainingPolicy in place of the defaults. --redraw makes the page of the results that are there.
 * Of several shifts two are measured at once, each with its share of the cores: a training on one core wastes none of it by waiting.
 */
import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { undoneAtExit } from '../serve/left-behind.mjs';
import { LfwAccuracy } from './lfw-accuracy.mjs';
import { measureShift } from './measure-shift.mjs';
import { allShifts, Sets, unlikelyToGain } from './photographs.mjs';
import { reportPage } from './report-page.mjs';
import { summaryOf, targetsOf } from './summary.mjs';

const { values: options } = parseArgs({
  allowNegative: true,
  options: {
    shifts: { type: 'string', default: allShifts.join(',') },
    subjects: { type: 'string', default: '180' },
    unseen: { type: 'string', default: '70' },
    'faces-per-subject': { type: 'string', default: '8' },
    celebrities: { type: 'string', default: '../shared/data/celeba299' },
    profiles: { type: 'string', default: '../shared/data/cfp' },
    lfw: { type: 'boolean', default: true },
    'lfw-folder': { type: 'string', default: '../shared/data/lfw' },
    policy: { type: 'string', default: '{}' },
    'at-once': { type: 'string', default: '2' },
    output: { type: 'string', default: 'runs/bench-retraining' },
    redraw: { type: 'boolean', default: false },
  },
});
const shifts = options.shifts.split(',');
const unknown = shifts.filter((shift) => !allShifts.includes(shift));
if (unknown.length > 0) {
  console.error(`There is no shift ${unknown.join(', ')}; there are ${allShifts.join(', ')}.`);
  process.exit(2);
}
const resultsFile = join(options.output, 'results.json');
if (options.redraw) {
  await writePage(JSON.parse(await readFile(resultsFile, 'utf8')));
  process.exit();
}

const tagFolder = join(options.output, 'tags');
await mkdir(tagFolder, { recursive: true });
await mkdir(join(options.output, 'raw'), { recursive: true });
const folder = await mkdtemp(join(tmpdir(), 'symface-shifts-'));
undoneAtExit(() => rmSync(folder, { recursive: true, force: true }));
const sets = new Sets({
  celebrities: options.celebrities,
  profiles: options.profiles,
  facesPerSubject: Number(options['faces-per-subject']),
  subjects: Number(options.subjects),
  unseen: Number(options.unseen),
  folder,
  tagFolder,
});
const cores = availableParallelism();
const atOnce = Math.min(Number(options['at-once']), shifts.length, cores);
const threads = Math.floor(cores / atOnce);
// One shift alone has the service's defaults, which are all cores. Nobody reads a line for each of thousands of calls.
const settings = {
  SYMFACE_ACCESS_LOG: 'off',
  ...(atOnce > 1 && { SYMFACE_WORKERS: String(threads), SYMFACE_TRAINING_THREADS: String(threads) }),
};
const lfw = options.lfw ? new LfwAccuracy({ folder: options['lfw-folder'], tagFolder, threads }) : undefined;
const startedAtMs = performance.now();
const results = {
  startTime: new Date().toISOString(),
  options: process.argv.slice(2).join(' ') || 'defaults',
  machine: { cores, node: process.version },
  atOnce,
  seconds: 0,
  shifts: [],
};
let lfwBefore;
let writing = Promise.resolve();
const longestFirst = shifts
  .toSorted((a, b) => Number(unlikelyToGain.has(a)) - Number(unlikelyToGain.has(b)))
  .values();
const lane = async () => {
  for (const shift of longestFirst) await add(await measured(shift));
};
await Promise.all(Array.from({ length: atOnce }, lane));
print(results);

/** Writes what is known by now, in the order in which shifts were asked for. */
async function add(found) {
  results.shifts.push(found);
  results.shifts.sort((a, b) => shifts.indexOf(a.shift) - shifts.indexOf(b.shift));
  results.seconds = (performance.now() - startedAtMs) / 1000;
  writing = writing.then(async () => {
    await writeFile(resultsFile, `${JSON.stringify(results, null, 1)}\n`);
    await writePage(results);
  });
  await writing;
}

/** The figures of a shift; why there are none where it failed, and the others go on. */
async function measured(shift) {
  try {
    const found = await measureShift(shift, { sets, lfw, policy: JSON.parse(options.policy), settings });
    if (found.lfw !== undefined) lfwBefore ??= lfwOfParent(found);
    const parentLfw = await lfwBefore;
    await writeRaw(shift, found, parentLfw);
    return await summaryOf(found, lfw, parentLfw);
  } catch (error) {
    console.error(error);
    process.exitCode = 1;
    return { shift, failure: error.message, seconds: {} };
  }
}

/** All services begin with the same backbone: it is measured once, and not where nothing came to serve. */
async function lfwOfParent({ parent, seconds }) {
  const beganMs = performance.now();
  const accuracy = await lfw.of(await new ModelFiles('.symface').get(parent));
  seconds.lfwBefore = (performance.now() - beganMs) / 1000;
  return accuracy;
}

async function writeRaw(shift, { photographs, before, after, lfw: lfwAfter }, parentLfw) {
  const raw = {
    unseen: photographs.unseen.map(({ identity, name }) => ({ identity, name })),
    before: before.map(base64Of),
    after: after?.map(base64Of),
    lfwSimilarities: { before: parentLfw?.similarities, after: lfwAfter?.similarities },
  };
  await writeFile(join(options.output, 'raw', `${shift}.json`), JSON.stringify(raw));
}

/** float32, little endian; null where no face was found. */
function base64Of(embedding) {
  return embedding === undefined
    ? null
    : Buffer.from(embedding.buffer, embedding.byteOffset, embedding.byteLength).toString('base64');
}

async function writePage(written) {
  await writeFile(join(options.output, 'report.html'), reportPage(written));
}

function print({ shifts: found, seconds }) {
  const percent = (share) => Number((100 * share).toFixed(2));
  const span = ({ difference, interval: { lower, upper } }) =>
    `${percent(difference)} (${percent(lower)} to ${percent(upper)})`;
  console.table(
    found.map(({ shift, failure, outcome, before, after, difference, lfw: accuracy }) =>
      failure
        ? { shift, outcome: failure }
        : {
            shift,
            outcome,
            'EER before': percent(before.eer),
            after: percent(after.eer),
            points: span(difference.eer),
            'TAR before': percent(before.tar),
            'TAR after': percent(after.tar),
            'TAR points': span(difference.tar),
            ...(accuracy && { 'LFW points': span(accuracy) }),
          },
    ),
  );
  for (const { target, isMet, found: figure } of targetsOf(found))
    console.log(`${isMet ? 'met' : 'missed'}: ${target}: ${figure}`);
  console.log(`${seconds.toFixed(0)} s; ${join(options.output, 'report.html')}`);
}
