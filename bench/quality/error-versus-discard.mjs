/**
 * Whether the utility tells which comparisons fail: error-versus-discard curves by the utility and by each single signal, of every set by
 * itself, its photographs as they are and with their worse copies. After `npm run build`; the faces are measure-faces.mjs's.
 *
 *   node bench/quality/error-versus-discard.mjs FACES.jsonl … [--output FOLDER] [--rate 1e-3]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { curvesSvg } from './curves-svg.mjs';
import { errorVersusDiscard, signals } from './error-curves.mjs';
import { groupedBy, readFaces } from './face-rows.mjs';

const usage = `node bench/quality/error-versus-discard.mjs FACES.jsonl … [options]
  --output FOLDER   one SVG a set, and the figures as error-versus-discard.json
  --rate R       false match rate of the set itself at which it is compared (1e-3)`;

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: 'string' },
    rate: { type: 'string', default: '1e-3' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || files.length === 0) {
  (options.help ? console.log : console.error)(usage);
  process.exit(options.help ? 0 : 2);
}

const faces = [];
for (const file of files) faces.push(...(await readFaces(file)));
const reports = [...groupedBy(faces, ({ set }) => set)].flatMap(([set, own]) => {
  const sharp = own.filter(({ kind }) => kind === 'sharp');
  const sets = sharp.length === own.length ? { [set]: own } : { [set]: sharp, [`${set} degraded`]: own };
  return Object.entries(sets).map(([name, chosen]) => {
    process.stderr.write(`${name}: ${chosen.length} faces\n`);
    return { set: name, ...errorVersusDiscard(chosen, Number(options.rate)) };
  });
});
printTable();
if (options.output !== undefined) await writeReports(options.output);

function printTable() {
  const names = Object.keys(signals);
  console.log(
    `Mean FNMR in % over 0 to 30 % of the pairs discarded, at FMR ${options.rate}; the least of a row in bold.\n`,
  );
  console.log(`| set | faces | genuine pairs | FNMR, none discarded | ${names.join(' | ')} |`);
  console.log(`| --- |${' --: |'.repeat(3 + names.length)}`);
  for (const { set, faces: count, genuinePairs, falseNonMatchRate, curves } of reports) {
    const areas = names.map((name) => curves[name].area);
    const least = Math.min(...areas);
    const cells = areas.map((area) => (area === least ? `**${percent(area)}**` : percent(area)));
    console.log(`| ${[set, count, genuinePairs, percent(falseNonMatchRate), ...cells].join(' | ')} |`);
  }
}

async function writeReports(folder) {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'error-versus-discard.json'), `${JSON.stringify(reports, null, 1)}\n`);
  for (const { set, curves } of reports) {
    const name = set.toLowerCase().replaceAll(/[^a-z0-9]+/gu, '-');
    const title = `${set}: false non-matches left when the poorest pairs are discarded`;
    await writeFile(join(folder, `error-versus-discard-${name}.svg`), `${curvesSvg(title, curves)}\n`);
  }
}

function percent(share) {
  return (100 * share).toFixed(2);
}
