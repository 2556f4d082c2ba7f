import { randomUUID } from 'node:crypto';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import type { SymFaceClient } from '../../../src/client/symface-client.js';
import { anotherFile } from '../../support/another-file.js';
import { type Attack, hold } from '../attack.js';
import { plantedNames } from '../planted-secrets.js';

export default {
  title:
    'a neighbour with collections of the same names: page tokens, request ids, face ids, merges and errors of the other tenant',
  isShort: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 90,
  run: async ({ target, photographs: { person, personAgain, other } }) => {
    const [owner, rival] = [target.client(), target.client(target.keys.rival)];
    const id = `neighbours-${randomUUID().slice(0, 8)}`;
    const collection = `collections/${id}`;
    const subject = `${collection}/subjects/ada`;
    for (const client of [owner, rival]) await client.enrollment.createCollection({ collectionId: id });
    const enrol = async (client: SymFaceClient, requestId: string, content: Buffer, parent = subject) =>
      client.enrollment.enrollFaces({ parent, images: [{ content }], createSubject: true, requestId });
    const shared = randomUUID();
    const photograph = anotherFile(personAgain);
    const mine = await enrol(owner, shared, photograph);
    const secondOfMine = await enrol(owner, '', anotherFile(person), `${collection}/subjects/bob`);
    // The same bytes under the same request id: neither is a repetition of the other's.
    const theirs = await enrol(rival, shared, photograph);
    hold(!theirs.replayed, 'a request id of another tenant is answered with what that tenant enrolled');
    const [own, foreign] = [mine.results[0]?.face?.name ?? '', theirs.results[0]?.face?.name ?? ''];
    hold(own !== '' && foreign !== '' && own !== foreign, 'a neighbour shares the face of the other');
    hold(
      theirs.results[0]?.alreadyEnrolled !== true,
      'a neighbour hears that a photograph is enrolled elsewhere',
    );
    const outcomes = await Promise.all([
      told('the face of the other', rival.enrollment.getEnrolledFace({ name: own })),
      told('deleting the face of the other', rival.enrollment.deleteEnrolledFace({ name: own })),
      told(
        'a face of nobody',
        rival.enrollment.getEnrolledFace({ name: `${subject}/faces/${randomUUID()}` }),
      ),
      told('the other’s subject', rival.enrollment.getSubject({ name: `${collection}/subjects/bob` })),
      told(
        'merging the other’s subject',
        rival.enrollment.mergeSubjects({ target: subject, source: `${collection}/subjects/bob` }),
      ),
    ]);
    for (const outcome of outcomes)
      hold(/: (?:ENROLLED_FACE|SUBJECT)_NOT_FOUND$/u.test(outcome), `of a neighbour, ${outcome}`);
    const { candidates, searchedFaceCount } = await rival.faceVerification.identify({
      collection,
      image: { content: anotherFile(person) },
      similarityThreshold: 0.4,
      maxCandidates: 100,
    });
    hold(searchedFaceCount === 1, `a search of one face looks at ${searchedFaceCount}`);
    hold(
      candidates.every(({ face }) => face === foreign),
      'a search finds faces of a neighbour',
    );
    await tokens(owner, rival, collection);
    const verified = await rival.enrollment.verifyTemplates({ collection });
    hold(verified.checkedFaceCount === 1, `a check looks at ${verified.checkedFaceCount} faces`);
    const { receipt } = await rival.enrollment.deleteCollection({ name: collection });
    hold(receipt?.faceCount === 1, `a deletion takes ${String(receipt?.faceCount)} faces`);
    const { collection: left } = await owner.enrollment.getCollection({ name: collection });
    hold(
      left?.faceCount === 2,
      `${String(left?.faceCount)} of 2 faces are left when a neighbour has deleted its own`,
    );
    await publicPages(target.server.httpUrl, id);
    await enrol(owner, '', anotherFile(other), `${collection}/subjects/eve`);
    await owner.enrollment.deleteCollection({ name: collection });
    return `${outcomes.join(', ')}; ${secondOfMine.results.length + 2} faces stay with whom they are of`;
  },
} satisfies Attack;

async function told(what: string, call: Promise<unknown>): Promise<string> {
  return call.then(
    () => `${what}: answered`,
    (error: unknown) =>
      `${what}: ${error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error)}`,
  );
}

/** Tokens of one tenant's lists in the other's hands: they tell nothing that is not its own. */
async function tokens(owner: SymFaceClient, rival: SymFaceClient, collection: string): Promise<void> {
  const { nextPageToken } = await owner.enrollment.listSubjects({ parent: collection, pageSize: 1 });
  hold(nextPageToken !== '', 'two subjects fit on a page of one');
  const answer = await rival.enrollment.listSubjects({ parent: collection, pageToken: nextPageToken }).then(
    ({ subjects }) => subjects.map(({ name }) => name),
    () => [],
  );
  hold(!answer.some((name) => name.endsWith('/bob')), 'a token of another tenant’s list lists its subjects');
  await owner.enrollment.createCollection({ collectionId: `${collection.split('/')[1] ?? ''}-2` });
  const { nextPageToken: list } = await owner.enrollment.listCollections({ pageSize: 1 });
  const read = await rival.enrollment.listCollections({ pageToken: list }).then(
    ({ collections }) => `${collections.length} collections`,
    (error: unknown) => (error instanceof RemoteFailure ? error.codeName : String(error)),
  );
  hold(read === 'INVALID_ARGUMENT', `a token of another tenant’s collections is answered with ${read}`);
  await owner.enrollment.deleteCollection({ name: `${collection}-2` });
}

/** What everybody may read names nobody. */
async function publicPages(httpUrl: string, id: string): Promise<void> {
  for (const path of ['/metrics', '/healthz', '/readyz', '/', '/console/']) {
    const text = await (await fetch(`${httpUrl}${path}`)).text();
    for (const secret of [id, 'acme', 'rival', ...Object.values(plantedNames.keys), plantedNames.subject])
      hold(!text.includes(secret), `${path} has "${secret}"`);
  }
}
