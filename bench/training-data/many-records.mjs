/**
 * `npm run bench:records`: time and memory of training data with as many records as MS1MV2, 5.8 million of 85,742 identities: opened, an
 * epoch drawn, and some read at random. The set is synthetic (record-file.mjs): a sparse file of 47 GB of which about 350 MB are on disk.
 *
 *   npm run build && npm run bench:records -- [--faces 5822653] [--identities 85742] [--reads 100000] [--folder FOLDER]
 *
 * Memory is what the process has resident beyond what it had before the set was opened, after a garbage collection, and its peak.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { ImageReader } from '../../dist/datasets/identities/image-location.js';
import { openFaceSource } from '../../dist/training/data/open-face-source.js';
import { openDataLoader } from '../../dist/training/data/open-data-loader.js';
import { drawnPictures } from './pictures.mjs';
import { writeSharedRecords } from './record-file.mjs';

const { values } = parseArgs({
  options: {
    faces: { type: 'string', default: '5822653' },
    identities: { type: 'string', default: '85742' },
    reads: { type: 'string', default: '100000' },
    folder: { type: 'string' },
  },
});
const [faceCount, identityCount, readCount] = [values.faces, values.identities, values.reads].map(Number);
const folder = await mkdtemp(join(values.folder ?? tmpdir(), 'symface-records-'));
const path = join(folder, 'train.rec');
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

try {
  await writeSet();
  const location = { format: /** @type {const} */ ('insightface-records'), path };
  // What writing the set has left is collected first: collected later, it would be taken off what the set keeps, even to below nothing.
  collectGarbage();
  const before = resident();
  // What lists the set, alone.
  let source = await measured('listed', () => openFaceSource(location));
  source = undefined;

  const data = await measured('opened', () =>
    openDataLoader({ location, imageKind: 'aligned-crop', batchSize: 128, threads: 1, cacheBytes: 0 }),
  );
  // The first batch takes the epoch's shuffle; the first of the next one another.
  await measured('an epoch drawn', () => data.batches(0).next());
  await measured('the next drawn', () => data.batches(1).next());
  await data.close();

  source = await openFaceSource(location);
  await measured(`${readCount} read`, () => readAtRandom(source));

  /** Runs a step and says what it took. */
  async function measured(name, run) {
    resetPeak();
    const startMs = performance.now();
    const result = await run();
    const seconds = (performance.now() - startMs) / 1000;
    const peakMebibytes = peak() - before;
    collectGarbage();
    const keptMebibytes = resident() - before;
    const perRecord = (keptMebibytes * 2 ** 20) / faceCount;
    console.log(
      `${name}: ${seconds.toFixed(1)} s; ${keptMebibytes.toFixed(0)} MiB kept, ${perRecord.toFixed(0)} bytes a record; ${peakMebibytes.toFixed(0)} MiB at most`,
    );
    return result;
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writeSet() {
  const startMs = performance.now();
  const pictures = await drawnPictures(200, 112, 20);
  writeSharedRecords(path, {
    faceCount,
    identityCount,
    recordsPerIdentity: 1,
    picture: (identity) => pictures[identity % pictures.length],
    bytesPerFace: 8192,
  });
  const { size, blocks } = await stat(path);
  const seconds = ((performance.now() - startMs) / 1000).toFixed(0);
  console.log(
    `${faceCount} faces of ${identityCount} identities: ${(size / 1e9).toFixed(1)} GB, ${((blocks * 512) / 1e6).toFixed(0)} MB on disk, written in ${seconds} s`,
  );
}

async function readAtRandom(source) {
  const reader = new ImageReader();
  const uniform = uniformGenerator(1);
  const lane = async () => {
    for (let read = 0; read < readCount / 8; read++) {
      const face = Math.floor(uniform() * source.faceCount);
      await reader.read(source.nameOf(face), source.locationOf(face));
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
  await reader.close();
}

/** MiB resident now. */
function resident() {
  return process.memoryUsage.rss() / 2 ** 20;
}

/** MiB that were resident at most since {@link resetPeak}. */
function peak() {
  const [, kibibytes] = /^VmHWM:\s+(\d+)/mu.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(kibibytes) / 1024;
}

function resetPeak() {
  writeFileSync('/proc/self/clear_refs', '5');
}
