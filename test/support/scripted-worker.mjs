// Stands in for src/inference/workers/inference-worker.ts: speaks its protocol, does what each job's bytes say.
// "sleep 50" answers after 50 ms, "crash" ends the process, "hang" never answers, "fail" fails as a defect.
// It cannot start where its backbone is "broken", or has a file of that name in its folder.
import { Buffer } from 'node:buffer';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** @import { MessageToWorker } from '../../dist/inference/workers/worker-protocol.js' */

const cancelled = new Set();

process.on('message', (/** @type {MessageToWorker} */ message) => {
  if (message.type === 'setup') {
    const { folder, version } = message.setup.models.backbone;
    const broken = version.id === 'broken' || (folder !== '' && existsSync(join(folder, 'broken')));
    if (broken) {
      const error = { reason: 'MODEL_INVALID', message: 'broken on purpose' };
      process.send({ type: 'setup-failed', error });
    } else process.send({ type: 'ready', warmUpMs: 1 });
  }
  if (message.type === 'cancel') cancelled.add(message.jobId);
  if (message.type === 'analyse') void work(message.jobId, Buffer.from(message.request.encoded).toString());
});
process.on('disconnect', () => process.exit(0));

async function work(jobId, script) {
  const [verb, amount] = script.split(' ');
  if (verb === 'crash') process.exit(7);
  if (verb === 'hang') return;
  if (verb === 'sleep') await sleep(Number(amount));
  if (verb === 'fail') {
    process.send({ type: 'failed', jobId, error: { message: 'failed on purpose' } });
    return;
  }
  // The width tells the test which process answered, the height whether a cancel had arrived.
  const image = { width: process.pid, height: cancelled.has(jobId) ? 1 : 0, faces: [] };
  process.send({ type: 'analysed', jobId, image });
}
