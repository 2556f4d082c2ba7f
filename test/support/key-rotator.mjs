// Works on a key rotation until it is killed: node key-rotator.mjs FOLDER|URL. Prints how many values it has sealed.
import { openDatabase } from '../../dist/service/platform/database/open-database.js';
import { DataKeys } from '../../dist/service/platform/encryption/data-keys.js';
import { DestroyDataKeys } from '../../dist/service/encryption/destroy-data-keys.js';
import { RunKeyRotation } from '../../dist/service/encryption/run-key-rotation.js';
import { SealedValueStore } from '../../dist/service/encryption/sealed-value.store.js';
import { JobQueue } from '../../dist/service/jobs/job-queue.js';
import { WorkOnJobs } from '../../dist/service/jobs/work-on-jobs.js';
import { tables } from '../../dist/service/tables.js';
import { MasterKey } from '../../dist/storage/encryption/master-key.js';

const [place] = process.argv.slice(2);
const isUrl = place.startsWith('postgres');
const settings = { databaseUrl: isUrl ? place : undefined, dataFolder: isUrl ? '' : place };
const database = await openDatabase(settings, tables);
const configured = new MasterKey(new Uint8Array(32).fill(7));
const keys = await DataKeys.open(database, { configured, previous: undefined });
const run = new RunKeyRotation({
  keys,
  values: new SealedValueStore(database),
  destroy: new DestroyDataKeys(database, 0),
  onDamaged: console.error,
  lookEveryMs: 50,
});
const timing = {
  leaseMs: 1_000,
  heartbeatEveryMs: 50,
  lookEveryMs: 50,
  forgetEndedAfterMs: 1e9,
  forgetEveryMs: 1e9,
};
new WorkOnJobs({
  queue: new JobQueue(database),
  work: {
    'key-rotation': async (job, context) =>
      run.execute(job, {
        ...context,
        report: (/** @type {{ sealed: number }} */ progress) => {
          context.report(progress);
          process.stdout.write(`${progress.sealed}\n`);
        },
      }),
  },
  onDefect: console.error,
  timing,
}).start();
