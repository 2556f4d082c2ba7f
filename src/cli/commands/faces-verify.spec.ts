import { expect, it } from 'vitest';
import type { FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { runAgainst as run } from '../../../test/support/run-against.js';

const face = 'collections/staff/subjects/ada/faces/1';
const asked: string[] = [];
const answers: FakeAnswers = {
  enrollment: {
    VerifyTemplates: ({ request: { collection, repair, pageToken } }, done) => {
      asked.push(`${collection} ${repair} ${pageToken}`);
      if (pageToken === '')
        done(null, { checkedFaceCount: 2, unreadableTemplates: [], nextPageToken: 'next' });
      else done(null, { checkedFaceCount: 1, unreadableTemplates: [{ face, repaired: repair }] });
    },
  },
};

it('looks at every page, and fails where a template is damaged', async () => {
  asked.length = 0;
  const { terminal, exitCode } = await run(answers, 'faces', 'verify', '--collection', 'staff');
  expect(asked).toEqual(['collections/staff false ', 'collections/staff false next']);
  expect(terminal.outLines).toEqual([
    `${face}: damaged: repair it with --repair`,
    '3 templates, 1 of them damaged.',
  ]);
  expect(exitCode).toBe(1);
});

it('repairs them', async () => {
  const { terminal, exitCode } = await run(
    answers,
    'faces',
    'verify',
    '--collection',
    'staff',
    '--repair',
    '--json',
  );
  expect(JSON.parse(terminal.outLines.join(''))).toMatchObject({
    checkedFaceCount: 3,
    unreadableTemplates: [{ face, repaired: true }],
  });
  expect(exitCode).toBe(0);
});
