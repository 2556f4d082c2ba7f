import { setTimeout as sleep } from 'node:timers/promises';
import { activate, activeBackbone } from '../../support/activations.js';
import { anotherFile } from '../../support/another-file.js';
import { importTinyBackbone } from '../../support/tiny-backbone-import.js';
import { type Attack, hold } from '../attack.js';
import { enrolSomebody } from '../target.js';

const endedWithinMs = 60_000;

export default {
  title:
    'kill -9 in the middle of an activation: it is finished after the start, and every face has its template',
  isShort: false,
  hasOwnServices: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 240,
  run: async ({ startTarget, photographs: { person, personAgain } }) => {
    let target = await startTarget();
    await enrolSomebody(target, [person, ...Array.from({ length: 8 }, () => anotherFile(personAgain))]);
    const original = await activeBackbone(target.client(target.keys.admin));
    const tiny = await importTinyBackbone(target.client(target.keys.admin));
    const kills = 3;
    for (let kill = 0; kill < kills; kill++) {
      const name = kill % 2 === 0 ? tiny : original;
      const job = await activate(target.client(target.keys.admin), name);
      await sleep(Math.random() * 1_200);
      target = await target.killAndRestart();
      const client = target.client(target.keys.admin);
      const beginMs = performance.now();
      let state = 'JOB_STATE_QUEUED';
      while (/QUEUED|RUNNING/u.test(state)) {
        hold(
          performance.now() - beginMs < endedWithinMs,
          `the activation is ${state} after ${endedWithinMs / 1000} s`,
        );
        await sleep(200);
        state = (await client.job.getJob({ name: job.name })).job?.state ?? '';
      }
      hold(state === 'JOB_STATE_SUCCEEDED', `the activation ends ${state}`);
      const serves = await activeBackbone(client);
      hold(serves === name, `${serves} serves, not ${name}`);
      const { unreadableTemplates, checkedFaceCount } = await client.enrollment.verifyTemplates({
        collection: target.collection,
      });
      hold(
        unreadableTemplates.length === 0,
        `${unreadableTemplates.length} of ${checkedFaceCount} faces have no template`,
      );
    }
    await target.stop();
    return `${kills} kills, each activation finished, every template there`;
  },
} satisfies Attack;
