// Counts to ten in a job, a checkpoint each, from where the last attempt ended: node job-worker.mjs URL
// Prints each step as it is kept. A count takes so long that there is time to kill it.
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../dist/service/platform/database/open-database.js';
import { PostgresArtifactStore } from '../../dist/service/platform/artifacts/postgres-artifact-store.js';
import { tables } from '../../dist/service/tables.js';
import { JobQueue } from '../../dist/service/jobs/job-queue.js';
import { WorkOnJobs } from '../../dist/service/jobs/work-on-jobs.js';

const [databaseUrl] = process.argv.slice(2);
const database = await openDatabase({ databaseUrl, dataFolder: '' }, tables);
const artifacts = new PostgresArtifactStore(database);

async function lastStep(name) {
  const pieces = [];
  try {
    for await (const piece of artifacts.read(name)) pieces.push(piece);
  } catch (error) {
    if (error.reason !== 'ARTIFACT_NOT_FOUND') throw error;
    return 0;
  }
  return Number(Buffer.concat(pieces));
}

async function* content(step) {
  yield Buffer.from(String(step));
}

async function count(job, { signal, report }) {
  const name = `counting/${job.id}`;
  const from = await lastStep(name);
  for (let step = from + 1; step <= 10; step++) {
    await sleep(150, undefined, { signal });
    await artifacts.write(name, content(step));
    report({ step });
    process.stdout.write(`${step}\n`);
  }
  return { from };
}

const timing = {
  leaseMs: 1_000,
  heartbeatEveryMs: 200,
  lookEveryMs: 100,
  forgetEndedAfterMs: 1e9,
  forgetEveryMs: 1e9,
};
new WorkOnJobs({
  queue: new JobQueue(database),
  work: { training: count },
  onDefect: console.error,
  timing,
}).start();
