/**
 * How often strangers match at the default settings, for each kind of poor photograph: with one threshold for all pairs, as it was, and with
 * the gate and thresholds by how alike strangers who look so are. After `npm run build`; the faces are measure-faces.mjs's.
 *
 *   node bench/quality/false-match-rates.mjs FACES.jsonl … [--calibration OTHERS.jsonl …] [--data-dir .symface] [--output report.json]
 *
 * Pairs are all of one kind (mask with mask, profile with profile). Genuine ones are of a photograph of the kind with other, sharp ones.
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { expectedImpostorSimilarity } from '../../dist/core/faces/quality/expected-impostor-similarity.js';
import {
  defaultMinimumDetailPixels,
  defaultMinimumUtility,
  unfitness,
} from '../../dist/core/faces/quality/unfit-face.js';
import { bandOf } from '../../dist/core/protocols/calibration/threshold-bands.js';
import { modelNamed } from './face-analyser.mjs';
import { dotProduct, groupedBy, readFaces, readMissed } from './face-rows.mjs';
import { fittedBands, recordedThresholds } from './thresholds.mjs';

const usage = `node bench/quality/false-match-rates.mjs FACES.jsonl … [options]
  --calibration FILE   faces of other identities to find thresholds by, where the model has no calibration; may be repeated
  --pairs N            of strangers that are drawn from these (3000000)
  --rate R             the false match rate that is asked for (1e-3)
  --threshold S        the one threshold to compare with; default: the model's
  --minimum-utility N  (${defaultMinimumUtility}, the service's)
  --minimum-detail N   in pixels (${defaultMinimumDetailPixels}, the service's)
  --data-dir FOLDER    the service's data folder (.symface)
  --backbone NAME      display name or version id (mobilefacenet-symface)
  --output FILE           the figures as JSON`;

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    calibration: { type: 'string', multiple: true, default: [] },
    pairs: { type: 'string', default: '3000000' },
    rate: { type: 'string', default: '1e-3' },
    threshold: { type: 'string' },
    'minimum-utility': { type: 'string', default: String(defaultMinimumUtility) },
    'minimum-detail': { type: 'string', default: String(defaultMinimumDetailPixels) },
    'data-dir': { type: 'string', default: '.symface' },
    backbone: { type: 'string', default: 'mobilefacenet-symface' },
    output: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || files.length === 0) {
  (options.help ? console.log : console.error)(usage);
  process.exit(options.help ? 0 : 2);
}
const rate = Number(options.rate);
const minimumUtility = Number(options['minimum-utility']);
const minimumDetailPixels = Number(options['minimum-detail']);
const { single, bands, source } = await chosenThresholds();
const reports = [];
for (const file of files) reports.push(...(await reportOf(file)));
console.log(
  `False match rate asked for: ${rate}; one threshold: ${single.toFixed(4)}; bands: ${bands.length}, of ${source}.\n`,
);
printTable(reports);
if (options.output !== undefined)
  await writeFile(
    options.output,
    `${JSON.stringify({ rate, minimumUtility, minimumDetailPixels, single, source, bands, reports }, null, 2)}\n`,
  );

/** The model's own bands, else those of --calibration. */
async function chosenThresholds() {
  const { version } = await modelNamed(options['data-dir'], 'backbone', options.backbone);
  const recorded = recordedThresholds(version.manifest, rate);
  const one = options.threshold === undefined ? recorded.single : Number(options.threshold);
  if (one === undefined) refuse(`${version.id} has no threshold: give --threshold.`);
  if (options.calibration.length === 0) {
    if (recorded.bands === undefined)
      refuse(`${version.id} is not calibrated for ${rate}: give --calibration.`);
    return { ...recorded, single: one };
  }
  const others = [];
  for (const file of options.calibration) others.push(await readFaces(file));
  process.stderr.write(`bands of ${others.flat().length} faces of ${options.calibration.length} files\n`);
  const fitted = fittedBands(others, rate, Number(options.pairs));
  if (fitted.length === 0)
    refuse(`These pairs do not support ${rate}: give more with --pairs, or another --rate.`);
  return { single: one, bands: fitted, source: options.calibration.join(', ') };
}

/** @returns a report for each kind of the file */
async function reportOf(file) {
  const faces = (await readFaces(file)).map((face) => ({
    ...face,
    refusal: unfitness(face.quality, { minimumUtility, minimumDetailPixels })?.reason,
  }));
  const allMissed = await readMissed(file);
  const faceless = allMissed.filter(({ kind }) => kind === 'none').length;
  if (faceless > 0)
    console.log(`${file}: ${faceless} photographs without a face are left out, with their copies.`);
  const missed = groupedBy(allMissed, kindText);
  const sharp = groupedBy(faces.filter(isSharpFront), ({ identity }) => identity);
  const turned = faces.filter((face) => isSharpFront(face) && isHalfProfile(face));
  const kinds = [...groupedBy(faces, kindText), ['sharp, half-profile', turned]];
  return kinds
    .filter(([, own]) => own.length > 1)
    .map(([kind, own]) => {
      process.stderr.write(`${file}: ${kind}\n`);
      const kept = own.filter(({ refusal }) => refusal === undefined);
      return {
        set: own[0].set,
        kind,
        photographs: own.length + (missed.get(kind)?.length ?? 0),
        missed: missed.get(kind)?.length ?? 0,
        refused: countsOf(own.flatMap(({ refusal }) => refusal ?? [])),
        oneThreshold: { impostor: ratesOf(impostorPairs(own)), genuine: ratesOf(genuinePairs(own, sharp)) },
        gated: {
          impostor: ratesOf(impostorPairs(kept)),
          genuine: ratesOf(genuinePairs(kept, sharp, ({ refusal }) => refusal === undefined)),
        },
      };
    });
}

function kindText({ kind, view }) {
  return view === 'profile' ? `${kind}, profile` : kind;
}

/** Turned by 25 to 50 degrees, as the default detector sees it; these are among the sharp ones too. */
function isHalfProfile({ quality }) {
  const yawDegrees = Math.abs(quality.pose.yawDegrees);
  return yawDegrees >= 25 && yawDegrees < 50;
}

function isSharpFront({ kind, view }) {
  return kind === 'sharp' && view !== 'profile';
}

function* impostorPairs(faces) {
  for (const [index, a] of faces.entries())
    for (let other = index + 1; other < faces.length; other++)
      if (faces[other].identity !== a.identity) yield [a, faces[other]];
}

/** @param {(mate) => boolean} isUsed */
function* genuinePairs(faces, sharp, isUsed = () => true) {
  for (const face of faces)
    for (const mate of sharp.get(face.identity) ?? [])
      if (mate.image !== face.image && isUsed(mate)) yield [face, mate];
}

/** Pairs, those accepted by one threshold and by the bands, and those harder than all that the bands were found on. */
function ratesOf(pairs) {
  const counts = { pairs: 0, acceptedByOne: 0, acceptedByBands: 0, beyondBands: 0 };
  for (const [a, b] of pairs) {
    const similarity = dotProduct(a.embedding, b.embedding);
    const band = bandOf(bands, expectedImpostorSimilarity(a.appearance, b.appearance));
    counts.pairs++;
    if (similarity >= single) counts.acceptedByOne++;
    if (band === undefined) counts.beyondBands++;
    else if (similarity >= band.similarityThreshold) counts.acceptedByBands++;
  }
  return counts;
}

function countsOf(reasons) {
  return Object.fromEntries(
    [...groupedBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length]),
  );
}

function printTable(rows) {
  console.log(
    '| set | kind | photographs | no face | refused | mostly for | FMR, one threshold, no gate | FMR, gate and bands | of pairs | no threshold | accepted, one threshold | accepted, gate and bands |',
  );
  console.log(`| --- | --- |${' --: |'.repeat(3)} --- |${' --: |'.repeat(6)}`);
  for (const { set, kind, photographs, missed, refused, oneThreshold, gated } of rows) {
    const all = Object.values(refused).reduce((sum, count) => sum + count, 0);
    const [mostly = ''] = Object.keys(refused).sort((a, b) => refused[b] - refused[a]);
    const { impostor, genuine } = gated;
    const columns = [
      set,
      kind,
      photographs,
      percent(missed, photographs),
      percent(all, photographs),
      mostly,
      share(oneThreshold.impostor.acceptedByOne, oneThreshold.impostor.pairs),
      share(impostor.acceptedByBands, impostor.pairs - impostor.beyondBands),
      impostor.pairs - impostor.beyondBands,
      percent(impostor.beyondBands, impostor.pairs),
      percent(oneThreshold.genuine.acceptedByOne, oneThreshold.genuine.pairs),
      percent(genuine.acceptedByBands, genuine.pairs - genuine.beyondBands),
    ];
    console.log(`| ${columns.join(' | ')} |`);
  }
}

function share(count, total) {
  return total === 0 ? '–' : (count / total).toExponential(1);
}

function percent(count, total) {
  return total === 0 ? '–' : `${((100 * count) / total).toFixed(1)} %`;
}

function refuse(message) {
  console.error(message);
  process.exit(2);
}
