/**
 * The similarity at a false-match rate, on the impostor pairs within each folder of identities, through the
 * running service, over gRPC. Pairs across folders are left out: the folders may share persons. Of folders whose names are
 * numbers, @FROM-TO takes a range of identities: those that a model was not trained on.
 *
 *   node bench/accuracy/calibrate-threshold.mjs FOLDER[:SUBFOLDER][@FROM-TO] … [--fmr 0.001] [--per-identity 4]
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { cosineSimilarity } from '../../dist/core/verification/similarity.js';
import { forEachConcurrently } from './for-each-concurrently.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string', default: '127.0.0.1:50051' },
    fmr: { type: 'string', default: '0.001' },
    'per-identity': { type: 'string', default: '4' },
  },
});
const client = new SymFaceClient({ server: options.server, timeoutMs: 60_000 });
let identities = 0;
let notFound = 0;
const impostors = [];
const genuine = [];
for (const argument of positionals) {
  const [place, range = ''] = argument.split('@');
  const [folder, subfolder = ''] = place.split(':');
  const images = await imagesOf(folder, subfolder, range);
  const embedded = await forEachConcurrently(images, 16, subfolder, async ({ identity, path }) => {
    const content = await readFile(path);
    const request = { image: { content }, faceSelection: /** @type {const} */ ('FACE_SELECTION_LARGEST') };
    const response = await client.faceVerification.embed(request).catch(() => undefined);
    return response && { identity, embedding: Float32Array.from(response.embeddings[0].values) };
  });
  const found = embedded.filter((face) => face !== undefined);
  notFound += embedded.length - found.length;
  identities += new Set(found.map((face) => face.identity)).size;
  for (const [index, a] of found.entries()) {
    for (const b of found.slice(index + 1)) {
      (a.identity === b.identity ? genuine : impostors).push(cosineSimilarity(a.embedding, b.embedding));
    }
  }
}
client.close();
impostors.sort((a, b) => b - a);
const threshold = impostors[Math.floor(Number(options.fmr) * impostors.length)];
console.log(
  JSON.stringify({
    similarityThreshold: Number(threshold.toFixed(4)),
    falseMatchRate: Number(options.fmr),
    impostorPairs: impostors.length,
    genuinePairs: genuine.length,
    identities,
    facesNotFound: notFound,
    trueAcceptRate: genuine.filter((similarity) => similarity > threshold).length / genuine.length,
  }),
);

async function imagesOf(folder, subfolder, range) {
  const [from = 0, to = Infinity] = range === '' ? [] : range.split('-').map(Number);
  const isWanted = (name) => range === '' || (Number(name) >= from && Number(name) <= to);
  const entries = await readdir(folder, { withFileTypes: true });
  const perIdentity = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && isWanted(entry.name))
      .map(async ({ name }) => {
        const files = (await readdir(join(folder, name, subfolder))).filter((file) => file.endsWith('.jpg'));
        return files
          .sort()
          .slice(0, Number(options['per-identity']))
          .map((file) => ({ identity: name, path: join(folder, name, subfolder, file) }));
      }),
  );
  return perIdentity.flat();
}
