import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { cpuMs } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';

const watchers = 2_000;
const observedMs = 3_000;
const allowedShare = 0.3;

export default {
  title: '2,000 watchers of a job that does not end, all of whom leave',
  isShort: true,
  hasOwnServices: true,
  limitSeconds: 90,
  run: async ({ startTarget, newFolder, photographs, isShort }) => {
    // Nobody works on jobs: it stays queued, and watchers would wait for ever.
    const target = await startTarget({ settings: { SYMFACE_QUEUES: 'none' } });
    const client = target.client(target.keys.admin);
    const folder = await newFolder();
    await writeFile(join(folder, 'a.jpg'), photographs.person);
    await writeFile(join(folder, 'pairs.csv'), 'image_a,image_b,same\na.jpg,a.jpg,1\na.jpg,a.jpg,0\n');
    const { dataset } = await client.benchmark.registerDataset({
      datasetId: 'watched',
      format: 'DATASET_FORMAT_PAIRS_CSV',
      path: join(folder, 'pairs.csv'),
    });
    const { job } = await client.benchmark.createBenchmarkRun({ dataset: dataset?.name ?? '' });
    let [heard, refusedCount] = [0, 0];
    const watch = async (): Promise<void> => {
      const stop = new AbortController();
      for await (const { job: state } of client.job.watchJob(
        { name: job?.name ?? '' },
        { signal: stop.signal },
      )) {
        if (state != null) heard++;
        break;
      }
      stop.abort();
    };
    const count = isShort ? watchers / 4 : watchers;
    // More calls than may be open at a time are refused, which is as good an end.
    const refused = (error: unknown): void => {
      if (!(error instanceof RemoteFailure) || error.reason !== 'OVERLOADED') throw error;
      refusedCount++;
    };
    await Promise.all(Array.from({ length: count }, async () => watch().catch(refused)));
    await sleep(500);
    const processId = target.server.process.pid ?? 0;
    const before = cpuMs(processId);
    await sleep(observedMs);
    const share = (cpuMs(processId) - before) / observedMs;
    hold(
      heard > 0 && heard + refusedCount === count,
      `${heard} of ${count} watchers heard of the job, ${refusedCount} were refused`,
    );
    hold(
      share < allowedShare,
      `the gateway takes ${Math.round(share * 100)} % of a core once they have left`,
    );
    const beginMs = performance.now();
    await client.job.cancelJob({ name: job?.name ?? '' });
    return `${heard} heard of it, ${refusedCount} were refused; the gateway takes ${Math.round(share * 100)} % of a core once they have left; the next call ${Math.round(performance.now() - beginMs)} ms`;
  },
} satisfies Attack;
