import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { paginate } from '../../../src/client/paginate.js';
import type { SymFaceClient } from '../../../src/client/symface-client.js';
import { anotherFile } from '../../support/another-file.js';
import { type Attack, hold } from '../attack.js';
import type { Target } from '../target.js';

const clients = 4;
const collection = 'collections/killed';

export default {
  title: 'kill -9 at random moments while clients enrol: what was acknowledged is there, whole',
  isShort: true,
  hasOwnServices: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 240,
  run: async ({ startTarget, photographs, isShort }) => {
    let target = await startTarget();
    await target.client().enrollment.createCollection({ collectionId: 'killed' });
    /** Names of faces, over all kills. */
    const acknowledged = new Set<string>();
    const kills = isShort ? 1 : 4;
    for (let kill = 0; kill < kills; kill++) {
      const killed = new AbortController();
      const { enrollment } = target.client(target.keys.acme, 20_000);
      const enrol = async (): Promise<void> => {
        while (!killed.signal.aborted) {
          const request = {
            parent: `${collection}/subjects/s${Math.floor(Math.random() * 20)}`,
            images: [{ content: anotherFile(photographs.personAgain) }],
            createSubject: true,
            requestId: randomUUID(),
          };
          // What is cut off was not promised.
          const answer = await enrollment.enrollFaces(request).catch(() => undefined);
          const name = answer?.results[0]?.face?.name;
          if (name !== undefined) acknowledged.add(name);
        }
      };
      const enrolling = Promise.all(Array.from({ length: clients }, enrol));
      const before = acknowledged.size;
      while (acknowledged.size < before + 3) await sleep(20);
      await sleep(Math.random() * 1_000);
      const next = target.killAndRestart(async () => {
        killed.abort();
        await enrolling;
      });
      target = await next;
      await inspect(target, acknowledged);
    }
    hold(acknowledged.size > 0, 'nothing was acknowledged before a kill');
    await target.stop();
    return `${kills} kills, ${acknowledged.size} faces acknowledged, none lost, none by half`;
  },
} satisfies Attack;

async function inspect(target: Target, acknowledged: ReadonlySet<string>): Promise<void> {
  const client = target.client(target.keys.admin, 60_000);
  const there = await namesOf(client);
  const lost = [...acknowledged].filter((name) => !there.has(name));
  hold(lost.length === 0, `${lost.length} acknowledged faces are lost, ${lost[0] ?? ''} among them`);
  const { unreadableTemplates, checkedFaceCount } = await client.enrollment.verifyTemplates({ collection });
  hold(unreadableTemplates.length === 0, `${unreadableTemplates.length} templates are damaged or missing`);
  const counted = (await client.enrollment.getCollection({ name: collection })).collection?.faceCount;
  hold(
    counted === there.size && checkedFaceCount === there.size,
    `${there.size} faces are there, ${String(counted)} are counted`,
  );
  for (const name of [...there].slice(-5)) {
    const { image } = await client.enrollment.getEnrolledFaceCrop({ name });
    hold(image.length > 1_000, `the crop of ${name} has ${image.length} bytes`);
  }
}

async function namesOf({ enrollment }: SymFaceClient): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const { name: parent } of paginate(enrollment.listSubjects, { parent: collection }))
    for await (const { name } of paginate(enrollment.listEnrolledFaces, { parent })) names.add(name);
  return names;
}
