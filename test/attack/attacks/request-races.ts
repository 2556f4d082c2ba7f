import { randomUUID } from 'node:crypto';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { anotherFile } from '../../support/another-file.js';
import { type Attack, hold } from '../attack.js';

const atOnce = 8;
const ownFault = /INTERNAL|UNKNOWN/u;

export default {
  title:
    'the same at once: one request id eight times, deletions beside enrolments, merges both ways, one name for all',
  isShort: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 90,
  run: async ({ target, photographs: { personAgain } }) => {
    const { enrollment } = target.client();
    const id = `races-${randomUUID().slice(0, 8)}`;
    const collection = `collections/${id}`;
    const all = async (...calls: (() => Promise<unknown>)[]): Promise<readonly string[]> => {
      const outcomes = await Promise.all(calls.map(async (call) => call().then(() => 'OK', reasonOf)));
      hold(!outcomes.some((outcome) => ownFault.test(outcome)), `races end ${outcomes.join(', ')}`);
      return outcomes;
    };
    const times = (call: () => Promise<unknown>): (() => Promise<unknown>)[] =>
      Array.from({ length: atOnce }, () => call);
    const created = await all(...times(async () => enrollment.createCollection({ collectionId: id })));
    hold(created.filter((outcome) => outcome === 'OK').length === 1, `of ${atOnce} ${created.join(', ')}`);
    const enrolment = (subject: string, requestId: string) => ({
      parent: `${collection}/subjects/${subject}`,
      images: [{ content: anotherFile(personAgain) }],
      createSubject: true,
      requestId,
    });
    const once = enrolment('one', randomUUID());
    await all(...times(async () => enrollment.enrollFaces(once)));
    const counted = async (): Promise<number> =>
      (await enrollment.listEnrolledFaces({ parent: `${collection}/subjects/one` })).faces.length;
    hold((await counted()) === 1, `one request id has enrolled ${await counted()} faces`);
    const merged = await all(
      async () => enrollment.enrollFaces(enrolment('two', randomUUID())),
      async () =>
        enrollment.mergeSubjects({
          target: `${collection}/subjects/one`,
          source: `${collection}/subjects/two`,
        }),
      async () =>
        enrollment.mergeSubjects({
          target: `${collection}/subjects/two`,
          source: `${collection}/subjects/one`,
        }),
      async () => enrollment.deleteSubject({ name: `${collection}/subjects/one` }),
      async () => enrollment.enrollFaces(enrolment('one', randomUUID())),
    );
    const { unreadableTemplates, checkedFaceCount } = await enrollment.verifyTemplates({ collection });
    const { collection: after } = await enrollment.getCollection({ name: collection });
    hold(unreadableTemplates.length === 0, 'templates are missing after the races');
    hold(
      after?.faceCount === checkedFaceCount,
      `${checkedFaceCount} faces are there, ${String(after?.faceCount)} are counted`,
    );
    const deleted = await all(
      ...times(async () => enrollment.enrollFaces(enrolment('late', randomUUID()))),
      async () => enrollment.deleteCollection({ name: collection }),
    );
    const { collections } = await enrollment.listCollections({});
    hold(!collections.some(({ name }) => name === collection), 'the deleted collection is back');
    return `one of ${atOnce} collections made, one face of ${atOnce} enrolments, then ${merged.join(', ')}; deleted beside ${deleted.length - 1} enrolments`;
  },
} satisfies Attack;

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error);
}
