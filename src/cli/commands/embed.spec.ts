import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failedCall, type FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { greyImages } from '../../../test/support/grey-images.js';
import { runAgainst as run } from '../../../test/support/run-against.js';
import { sampleFace } from '../../../test/support/sample-face.js';

let folder: string;
let imageA: string;
let imageB: string;

beforeAll(async () => {
  ({ folder, imageA, imageB } = await greyImages());
});

afterAll(() => rm(folder, { recursive: true }));

describe('symface embed', () => {
  it('prints a line an image, goes on after an image that fails, and exits with 2', async () => {
    let calls = 0;
    const answers: FakeAnswers = {
      verification: {
        Embed: (_, done) => {
          calls += 1;
          if (calls === 1)
            done(failedCall({ reason: 'IMAGE_UNREADABLE', message: 'The image is cut short.' }));
          else
            done(null, {
              embeddings: [{ face: sampleFace, values: [0.6, 0.8] }],
              modelVersion: 'm',
              detectorVersion: 'd',
            });
        },
      },
    };
    const inTurn = ['--json', '--parallel', '1'];
    const { terminal, exitCode } = await run(answers, 'embed', imageA, imageB, ...inTurn);
    expect(exitCode).toBe(2);
    expect(terminal.json).toMatchObject([
      { file: imageA, error: { reason: 'IMAGE_UNREADABLE', message: 'The image is cut short.' } },
      { file: imageB, modelVersion: 'm', embeddings: [{ values: [0.6000000238418579, 0.800000011920929] }] },
    ]);
    expect(terminal.errLines).toEqual([`symface: ${imageA}: IMAGE_UNREADABLE: The image is cut short.`]);
  });
});

describe('symface embed --parallel', () => {
  it('prints in the order of the list, whichever answer comes first', async () => {
    const paths = ['0', '1', '2'].map((name) => join(folder, `p${name}.jpg`));
    await Promise.all(paths.map(async (path, index) => writeFile(path, String(index))));
    // All three are asked for before the first is answered, which is the last in the list.
    const waiting = new Map<number, () => void>();
    const answers: FakeAnswers = {
      verification: {
        Embed: ({ request }, done) => {
          const index = Number(request.image?.content.toString());
          waiting.set(index, () => {
            done(null, { embeddings: [], modelVersion: `m${index}`, detectorVersion: 'd' });
          });
          if (waiting.size === 3) for (const last of [2, 0, 1]) waiting.get(last)?.();
        },
      },
    };
    const { terminal } = await run(answers, 'embed', ...paths, '--json', '--parallel', '3');
    expect(terminal.json).toMatchObject(paths.map((file, index) => ({ file, modelVersion: `m${index}` })));
  });
});
