/**
 * What a projection behind the serving backbone does alone, without training: fitted to some persons' measured faces and measured on others'
 * (all pairs), for each kind of photograph and each shrinkage. Reads what bench/quality/measure-faces.mjs writes. After `npm run build`.
 *
 *   node bench/quality/measure-faces.mjs ../shared/data/celeba299 --set celeba --output faces.jsonl --kinds sharp,camera,grey,mask,motion,dark --photographs 12
 *   node bench/retraining/projection.mjs faces.jsonl --fit-to 7330 --measure-to 7380
 */
import { parseArgs } from 'node:util';
import { rankAllPairs } from '../../dist/core/protocols/choice/all-pairs.js';
import {
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
} from '../../dist/core/protocols/metrics/operating-points.js';
import {
  fitWithinClassWhitening,
  projectedRows,
} from '../../dist/learning/projection/within-class-whitening.js';
import { groupedBy, readFaces } from '../quality/face-rows.mjs';

const shrinkages = [0.3, 1, 3, 10];

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'fit-to': { type: 'string' }, 'measure-to': { type: 'string', default: '\u{10ffff}' } },
});
if (positionals.length === 0 || options['fit-to'] === undefined) {
  console.error(
    'node bench/retraining/projection.mjs FILE.jsonl … --fit-to IDENTITY [--measure-to IDENTITY]: fits to the identities up to the first and measures those after it',
  );
  process.exit(2);
}
const faces = [];
for (const file of positionals) faces.push(...(await readFaces(file)));
for (const [kind, own] of groupedBy(faces, (face) => face.kind)) {
  const fitted = own.filter(({ identity }) => identity <= options['fit-to']);
  const measured = own.filter(
    ({ identity }) => identity > options['fit-to'] && identity <= options['measure-to'],
  );
  console.log(`${kind}: fitted to ${fitted.length} faces, measured on ${measured.length}`);
  const rows = { none: measured.map(({ embedding }) => embedding) };
  for (const shrinkage of shrinkages)
    rows[`shrinkage ${shrinkage}`] = projectedRows(rows.none, fittedTo(fitted, shrinkage));
  console.table(
    Object.fromEntries(Object.entries(rows).map(([name, those]) => [name, figuresOf(those, measured)])),
  );
}

function fittedTo(those, shrinkage) {
  const [{ embedding }] = those;
  const units = new Float32Array(those.length * embedding.length);
  for (const [row, face] of those.entries()) units.set(face.embedding, row * embedding.length);
  const labels = those.map(({ identity }) => Number(identity));
  return fitWithinClassWhitening(units, labels, { shrinkage });
}

function figuresOf(embeddings, those) {
  const numbers = new Map(
    [...new Set(those.map(({ identity }) => identity))].map((name, index) => [name, index]),
  );
  const labels = Int32Array.from(those, ({ identity }) => numbers.get(identity));
  const points = operatingPoints(rankAllPairs(embeddings, labels).ranked);
  const percent = (share) => Number((100 * share).toFixed(1));
  return {
    EER: percent(equalErrorRate(points)),
    'TAR@1e-2': percent(pointAtFalseMatchRate(points, 1e-2).trueAcceptRate),
    'TAR@1e-3': percent(pointAtFalseMatchRate(points, 1e-3).trueAcceptRate),
  };
}
