import { anotherFile } from '../../support/another-file.js';
import { type Attack, hold } from '../attack.js';
import { runSql } from '../run-sql.js';
import { enrolSomebody } from '../target.js';

export default {
  title:
    'a template row with one byte changed: the collection is searched without it, and it is repaired from the crop',
  isShort: false,
  hasOwnServices: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 180,
  run: async ({ startTarget, photographs: { person, personAgain, other } }) => {
    const first = await startTarget();
    const [, damaged = ''] = await enrolSomebody(first, [person, personAgain]);
    await first.client().enrollment.enrollFaces({
      parent: `${first.collection}/subjects/bob`,
      images: [{ content: other }],
      createSubject: true,
    });
    const id = damaged.split('/').at(-1) ?? '';
    hold(/^[0-9a-f-]{36}$/u.test(id), `the face is called ${damaged}`);
    const target = await first.killAndRestart(async () =>
      runSql(
        first,
        `UPDATE templates SET sealed = set_byte(sealed, 20, (get_byte(sealed, 20) + 1) % 256) WHERE face_id = '${id}'`,
      ),
    );
    const { collection, subject } = target;
    const { faceVerification, enrollment } = target.client();
    const image = { content: anotherFile(person) };
    const found = await faceVerification.identify({ collection, image });
    hold(found.candidates[0]?.subject === subject, 'the others of the collection are not found');
    hold(found.damagedFaceCount === 1, `${found.damagedFaceCount} damaged faces are told of`);
    const verified = await faceVerification.verifySubject({ subject, image });
    hold(
      verified.matched && verified.damagedFaceCount === 1,
      'the subject is not verified by its whole template',
    );
    const { unreadableTemplates } = await enrollment.verifyTemplates({ collection, repair: true });
    hold(unreadableTemplates.length === 1 && unreadableTemplates[0]?.repaired === true, 'it is not repaired');
    const again = await faceVerification.verifySubject({ subject, image });
    hold(again.comparedFaceCount === 2 && again.damagedFaceCount === 0, 'it is not used after its repair');
    await target.stop();
    return 'searched without it, told of, repaired, and used again';
  },
} satisfies Attack;
