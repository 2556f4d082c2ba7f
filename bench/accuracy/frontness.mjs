/**
 * Share of faces at or under each tau (the paper's Table 5), through the running service, over gRPC.
 *
 *   node bench/accuracy/frontness.mjs FOLDER [--match frontal] [--server 127.0.0.1:50051]
 *
 * Takes every .jpg below FOLDER whose path holds the --match text. No face found counts as rho = 0.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { forEachConcurrently } from './for-each-concurrently.mjs';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    server: { type: 'string', default: '127.0.0.1:50051' },
    match: { type: 'string', default: '' },
  },
});
const [folder] = positionals;
if (folder === undefined) {
  console.error('Name the folder of images: node bench/accuracy/frontness.mjs FOLDER');
  process.exit(2);
}
const paths = (await readdir(folder, { recursive: true }))
  .filter((path) => path.endsWith('.jpg') && path.includes(options.match))
  .sort();
const client = new SymFaceClient({ server: options.server, timeoutMs: 60_000 });
const rhos = await forEachConcurrently(paths, 16, 'images', async (path) => {
  const content = await readFile(join(folder, path));
  const { faces } = await client.faceVerification.detectFaces({ image: { content } });
  const largest = faces.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height)[0];
  return largest === undefined ? undefined : largest.frontness.rho;
});
client.close();
const share = (tau) => rhos.filter((rho) => (rho ?? 0) <= tau).length / rhos.length;
console.log(
  JSON.stringify(
    {
      images: paths.length,
      facesNotFound: rhos.filter((rho) => rho === undefined).length,
      shareAtOrUnderTauPercent: Object.fromEntries(
        [0.05, 0.1, 0.2, 0.3, 0.4].map((tau) => [tau, Number((share(tau) * 100).toFixed(1))]),
      ),
    },
    null,
    2,
  ),
);
