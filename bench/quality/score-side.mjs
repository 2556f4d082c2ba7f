/**
 * What can be done with scores alone, without training: normalisation against a cohort of other persons, and templates of the several faces of
 * a subject, weighted by their utility and frontness. Intervals by drawing persons. After `npm run build`; the faces are
 * measure-faces.mjs's.
 *
 *   node bench/quality/score-side.mjs FACES.jsonl … [--cohort-to 7330] [--from 7331] [--to 7380]
 */
import { parseArgs } from 'node:util';
import { drawsOfPersons, figuresOf, intervals, meanFigures, rankedPairs } from './bootstrapped-figures.mjs';
import { normalisedScores } from './cohort-normalisation.mjs';
import { modelNamed } from './face-analyser.mjs';
import { groupedBy, readFaces } from './face-rows.mjs';
import { drawnSubjects, marginsOf } from './subject-templates.mjs';
import { recordedThresholds } from './thresholds.mjs';

const usage = `node bench/quality/score-side.mjs FACES.jsonl … [options]
  --cohort-to NAME   the last person of the cohort, which is not measured; without it templates only
  --from NAME        the first person to measure
  --to NAME          the last
  --enrolled N       faces of a subject (5)
  --seeds N          drawn sets of subjects (3)
  --draws N          of persons, for the intervals (200)
  --rate R           the false match rate of the thresholds (1e-3)
  --data-dir FOLDER  the service's data folder (.symface)
  --backbone NAME    display name or version id (mobilefacenet-symface)`;

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    'cohort-to': { type: 'string' },
    from: { type: 'string', default: '' },
    to: { type: 'string', default: '\u{10ffff}' },
    enrolled: { type: 'string', default: '5' },
    seeds: { type: 'string', default: '3' },
    draws: { type: 'string', default: '200' },
    rate: { type: 'string', default: '1e-3' },
    'data-dir': { type: 'string', default: '.symface' },
    backbone: { type: 'string', default: 'mobilefacenet-symface' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || files.length === 0) {
  (options.help ? console.log : console.error)(usage);
  process.exit(options.help ? 0 : 2);
}
const faces = [];
for (const file of files) faces.push(...(await readFaces(file)));
const measured = faces.filter(({ identity }) => identity >= options.from && identity <= options.to);
const kinds = [...groupedBy(measured, ({ kind }) => kind).keys()];
const drawCount = Number(options.draws);
const cohortTo = options['cohort-to'];
if (cohortTo !== undefined) tellNormalisation(cohortTo);
await tellTemplates();

function tellNormalisation(last) {
  const cohort = faces.filter(({ identity }) => identity <= last);
  console.log(
    '| kind | scores | TAR@1e-2 | TAR@1e-3 | EER | differences |\n| --- | --- | --: | --: | --: | --- |',
  );
  for (const kind of kinds) {
    const ofKind = (list) => list.filter((face) => face.kind === kind);
    const { persons, pairs, arms } = normalisedScores(ofKind(cohort), ofKind(measured));
    const draws = drawsOfPersons(persons.length, drawCount);
    const results = [...arms].map(([arm, scores]) => {
      const ranking = rankedPairs({ ...pairs, scores });
      return { arm, figures: figuresOf(ranking), drawn: draws.map((counts) => figuresOf(ranking, counts)) };
    });
    for (const { arm, figures, drawn } of results) {
      const base = results.find((other) => other.arm === arm.split(',')[0]);
      tellRow([kind, arm], figures, drawn, base.drawn);
    }
  }
}

async function tellTemplates() {
  const { version } = await modelNamed(options['data-dir'], 'backbone', options.backbone);
  const { bands } = recordedThresholds(version.manifest, Number(options.rate));
  console.log(
    '\n| photographs | rule | TAR@1e-2 | TAR@1e-3 | EER | first of all | differences | FMR at the threshold | TAR |',
  );
  console.log('| --- | --- | --: | --: | --: | --: | --- | --: | --: |');
  const fit = (least) => (face) => face.quality.utility >= least && face.quality.detailPixels >= 18;
  const settings = [
    ...kinds.map((kind) => ({ name: kind, isEnrolled: (face) => face.kind === kind })),
    { name: 'all that are fit', isEnrolled: fit(30), isProbe: fit(25) },
  ];
  for (const setting of settings) tellSetting({ isProbe: setting.isEnrolled, ...setting }, bands);
}

/** @param {{ name: string } & import('./subject-templates.mjs').Sides} setting */
function tellSetting({ name, ...which }, bands) {
  const results = new Map();
  for (let seed = 1; seed <= Number(options.seeds); seed++) {
    const drawn = drawnSubjects(measured, { ...which, enrolled: Number(options.enrolled), seed });
    const draws = drawsOfPersons(drawn.subjects.length, drawCount);
    for (const [rule, margins] of marginsOf(drawn, bands)) {
      if (!results.has(rule)) results.set(rule, []);
      results.get(rule).push(ruleFigures(drawn, Float64Array.from(margins), draws));
    }
  }
  const base = drawnMeans(results.get('best margin (BEST)'));
  for (const [rule, list] of results) {
    const [falseMatches, matches] = meanFigures(list.map(({ decided }) => decided));
    const decided = [`${(1000 * falseMatches).toFixed(2)}e-3`, (100 * matches).toFixed(1)];
    tellRow([name, rule], meanFigures(list.map(({ figures }) => figures)), drawnMeans(list), base, decided);
  }
}

/** The figures, and the share of subjects that come first for their own probes. */
function ruleFigures({ subjects, probes }, scores, draws) {
  const numbers = new Map(subjects.map(({ identity }, index) => [identity, index]));
  const a = probes.flatMap(({ identity }) => subjects.map(() => numbers.get(identity)));
  const b = probes.flatMap(() => subjects.map((_, index) => index));
  const genuine = a.map((person, pair) => person === b[pair]);
  const ranking = rankedPairs({ scores, genuine, a, b });
  const first = probes.map((_, probe) => {
    const own = scores.subarray(probe * subjects.length, (probe + 1) * subjects.length);
    return own.indexOf(Math.max(...own));
  });
  const all = (counts) => [...figuresOf(ranking, counts), firstRate(probes, numbers, first, counts)];
  const share = (isOne) => {
    const margins = scores.filter((_, pair) => genuine[pair] === isOne);
    return margins.filter((margin) => margin >= 0).length / margins.length;
  };
  return { figures: all(), drawn: draws.map(all), decided: [share(false), share(true)] };
}

function firstRate(probes, numbers, first, counts) {
  let [hits, total] = [0, 0];
  for (const [probe, { identity }] of probes.entries()) {
    const weight = counts === undefined ? 1 : counts[numbers.get(identity)];
    total += weight;
    if (first[probe] === numbers.get(identity)) hits += weight;
  }
  return (100 * hits) / total;
}

function drawnMeans(list) {
  return list[0].drawn.map((_, draw) => meanFigures(list.map(({ drawn }) => drawn[draw])));
}

function tellRow(names, figures, drawn, base, more = []) {
  const differences = intervals(
    drawn.map((list, draw) => list.map((value, index) => value - base[draw][index])),
  );
  const text = differences.map((ends) => ends.map((end) => end.toFixed(1)).join(' to ')).join('; ');
  console.log(`| ${[...names, ...figures.map((value) => value.toFixed(1)), text, ...more].join(' | ')} |`);
}
