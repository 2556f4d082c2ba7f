import { expect, it } from 'vitest';
import type { FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { runAgainst as run } from '../../../test/support/run-against.js';

const parent = 'collections/staff';
const asked: string[] = [];
const answers: FakeAnswers = {
  enrollment: {
    ListSubjects: ({ request }, done) => {
      const first = request.pageToken === '';
      const subjects = (first ? ['ada', 'bob'] : ['eve']).map((id) => ({
        name: `${request.parent}/subjects/${id}`,
        consentToTrain: id === 'bob',
      }));
      done(null, { subjects, nextPageToken: first ? 'next' : '' });
    },
    UpdateSubject: ({ request: { name, consentToTrain } }, done) => {
      asked.push(`${name} ${consentToTrain}`);
      done(null, { subject: { name, consentToTrain: consentToTrain === true } });
    },
  },
};

it('asks every page of a collection for those that have another answer, and changes these alone', async () => {
  asked.length = 0;
  const { terminal, exitCode } = await run(
    answers,
    'subjects',
    'consent',
    '--all',
    'yes',
    '--collection',
    'staff',
  );
  expect(exitCode).toBe(0);
  expect(asked).toEqual([`${parent}/subjects/ada true`, `${parent}/subjects/eve true`]);
  expect(terminal.outLines).toEqual(['3 subjects, 2 of them changed: may be used to train models.']);
});

it('still answers for one subject', async () => {
  asked.length = 0;
  const { terminal } = await run(answers, 'subjects', 'consent', 'ada', 'no', '--collection', 'staff');
  expect(asked).toEqual([`${parent}/subjects/ada false`]);
  expect(terminal.outLines).toEqual(['ada: must not be used to train models.']);
});

it.each([[['ada']], [['ada', '--all', 'yes']], [['--all', 'perhaps']], [[]]])('refuses %j', async (args) => {
  asked.length = 0;
  const { exitCode } = await run(answers, 'subjects', 'consent', ...args);
  expect(exitCode).not.toBe(0);
  expect(asked).toEqual([]);
});
