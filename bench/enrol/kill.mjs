/**
 * Kills the service with SIGKILL at random moments while clients enrol, and looks after each start whether everything
 * that was acknowledged is there, whole: the face, its crop and its template.
 *
 *   node bench/enrol/kill.mjs [--kills 50] [--data ../shared/data/cfp]
 *
 * Uses a data folder of its own and loopback ports 51061 and 51062; DATABASE_URL is honoured.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { EnrolledFaceStore } from '../../dist/service/enrolment/faces/enrolled-face.store.js';
import { readConfiguration } from '../../dist/service/platform/configuration/configuration.js';
import { openStorage } from '../../dist/service/platform/open-storage.js';
import { tables } from '../../dist/service/tables.js';
import { startService } from '../serve/service-process.mjs';

const ports = { grpc: 51_061, http: 51_062 };
const clients = 6;
const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '50' },
    data: { type: 'string', default: '../shared/data/cfp' },
  },
});
const photographs = await Promise.all(
  (await readdir(options.data))
    .slice(0, 20)
    .map((subject) => readFile(join(options.data, subject, 'frontal/01.jpg'))),
);
const models = fileURLToPath(new URL('../../.symface/models', import.meta.url));
const dataFolder = await mkdtemp(join(tmpdir(), 'symface-kill-'));
await cp(models, join(dataFolder, 'models'), { recursive: true });
process.env.SYMFACE_DATA_DIR = dataFolder;

const collection = { tenant: 'default', collectionId: 'killed' };
/** Faces that were acknowledged, by name, over all rounds; and request ids whose answer was lost. */
const acknowledged = new Map();
let unanswered = 0;
let lost = 0;
let broken = 0;

for (let round = 1; round <= Number(options.kills); round++) {
  const service = await startService(ports.grpc, ports.http);
  await enrolUntilKilled(service.child, 100 + Math.random() * 1500);
  await inspect();
  process.stderr.write(
    `\rkill ${round}/${options.kills}: ${acknowledged.size} faces acknowledged, ${lost} lost, ${broken} broken `,
  );
}
await rm(dataFolder, { recursive: true });
console.log(`\nkills ${options.kills}, faces acknowledged ${acknowledged.size}, calls cut off ${unanswered}`);
console.log(`acknowledged and not there: ${lost}; half-written: ${broken}`);
if (lost > 0 || broken > 0) process.exitCode = 1;

async function enrolUntilKilled(child, afterMs) {
  const client = new SymFaceClient({ server: `127.0.0.1:${ports.grpc}`, timeoutMs: 20_000 });
  await client.enrollment.createCollection({ collectionId: collection.collectionId }).catch(() => undefined);
  let killed = false;
  const killing = new Promise((resolve) => {
    setTimeout(() => {
      killed = true;
      child.once('exit', resolve);
      child.kill('SIGKILL');
    }, afterMs);
  });
  const enrol = async () => {
    while (!killed) {
      const subject = `s${Math.floor(Math.random() * 50)}`;
      const photograph = photographs[Math.floor(Math.random() * photographs.length)];
      // Another file each time: one that is enrolled already would be kept once.
      const content = Buffer.concat([photograph, randomBytes(8)]);
      const request = {
        parent: `collections/${collection.collectionId}/subjects/${subject}`,
        images: [{ content }],
        faceSelection: 'FACE_SELECTION_LARGEST',
        createSubject: true,
        requestId: randomUUID(),
      };
      try {
        const { results } = await client.enrollment.enrollFaces(request);
        acknowledged.set(results[0].face.name, subject);
      } catch {
        unanswered++;
      }
    }
  };
  await Promise.all([killing, ...Array.from({ length: clients }, enrol)]);
  client.close();
}

/** Opens the database as the next start does, and reads every face. */
async function inspect() {
  const { database, box } = await openStorage(readConfiguration(), { warn: () => undefined }, tables);
  const store = new EnrolledFaceStore(database, box);
  const rows = await database.rows(
    `SELECT f.id, s.id AS subject, (SELECT count(*) FROM templates t WHERE t.face_id = f.id) AS templates
     FROM faces f JOIN subjects s ON s.uid = f.subject_uid`,
  );
  const [counted] = await database.rows('SELECT face_count FROM collections WHERE id = $1', [
    collection.collectionId,
  ]);
  if (Number(counted?.face_count ?? 0) !== rows.length) broken++;
  const there = new Set();
  for (const { id, subject, templates } of rows) {
    there.add(`collections/${collection.collectionId}/subjects/${subject}/faces/${id}`);
    const crop = await store.cropOf({ ...collection, subjectId: subject, faceId: id });
    if (Number(templates) !== 1 || crop.encoded.length < 1000) broken++;
  }
  lost += [...acknowledged.keys()].filter((name) => !there.has(name)).length;
  await database.close();
}
