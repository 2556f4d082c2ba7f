import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { greyImages } from '../../../test/support/grey-images.js';
import { runAgainst as run } from '../../../test/support/run-against.js';
import { sampleFace } from '../../../test/support/sample-face.js';

let folder: string;
let imageA: string;

beforeAll(async () => {
  ({ folder, imageA } = await greyImages());
});

afterAll(() => rm(folder, { recursive: true }));

describe('symface identify', () => {
  const candidate = {
    subject: 'collections/faces/subjects/ada',
    face: '',
    similarity: 0.8,
    matched: true,
    threshold: { similarity: 0.4 },
  };
  const stranger = {
    ...candidate,
    subject: 'collections/faces/subjects/bob',
    similarity: 0.1,
    matched: false,
    // None is known for photographs as poor.
    threshold: null,
  };
  const answers = (selections: string[]): FakeAnswers => ({
    verification: {
      Identify: ({ request }, done) => {
        selections.push(request.faceSelection);
        const faces = [
          { face: sampleFace, candidates: [candidate] },
          { face: sampleFace, candidates: [stranger] },
        ];
        done(null, {
          faces,
          leftOutFaceCount: 3,
          searchedFaceCount: 7,
          modelVersion: 'm',
          detectorVersion: 'd',
        });
      },
    },
  });

  it('lists every face of a group by its number, and draws them', async () => {
    const selections: string[] = [];
    const picture = join(folder, 'who.png');
    const { terminal, exitCode } = await run(
      answers(selections),
      'identify',
      imageA,
      '--face',
      'all',
      '--draw',
      picture,
    );
    expect(exitCode).toBe(0);
    expect(selections).toEqual(['FACE_SELECTION_ALL']);
    const [head, ...rest] = terminal.outLines;
    expect(head).toBe('a.png: 2 faces; 3 smaller ones were not searched for');
    expect(rest.map((line) => line.slice(0, 52).trimEnd())).toEqual([
      expect.stringContaining('  1. 40x50 px at (20, 10), ρ 0.'),
      '     MATCH     0.8000  threshold 0.4000  ada',
      expect.stringContaining('  2. 40x50 px at (20, 10), ρ 0.'),
      '     no match  0.1000  no threshold: too poor  bob',
      '  7 enrolled faces compared',
    ]);
    expect(await sharp(picture).metadata()).toMatchObject({ width: 100, height: 80 });
  });

  it.each([
    { args: [], says: 'Give images, or --embeddings' },
    { args: ['a.jpg', '--embeddings', 'e.jsonl'], says: 'not both' },
    { args: ['a.jpg', 'b.jpg', '--draw', 'x.png'], says: '--draw takes one image' },
    { args: ['a.jpg', '--fmr', '1e-3', '--threshold', '0.4'], says: 'cannot be used with' },
  ])('refuses $args', async ({ args, says }) => {
    const { terminal, exitCode } = await run({}, 'identify', ...args);
    expect(exitCode).toBe(2);
    expect(terminal.errLines.join('\n')).toContain(says);
  });
});
