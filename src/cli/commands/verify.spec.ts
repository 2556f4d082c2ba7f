import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failedCall, type FakeAnswers, statusOf } from '../../../test/support/fake-symface-server.js';
import { greyImages } from '../../../test/support/grey-images.js';
import { runAgainst as run } from '../../../test/support/run-against.js';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { sampleFace } from '../../../test/support/sample-face.js';
import type { VerifyResponse } from '../../generated/symface/v1/VerifyResponse.js';
import { runCommandLine } from '../program.js';

let folder: string;
let imageA: string;
let imageB: string;

beforeAll(async () => {
  ({ folder, imageA, imageB } = await greyImages());
});

afterAll(() => rm(folder, { recursive: true }));

const verdict = (matched: boolean): VerifyResponse => ({
  matched,
  similarity: matched ? 0.73 : 0.12,
  threshold: { similarity: 0.4, origin: 'THRESHOLD_ORIGIN_MODEL_VERSION', description: 'FMR 1e-3' },
  modelVersion: 'modelVersions/net-0123456789ab',
  detectorVersion: 'modelVersions/det-0123456789ab',
  faceA: sampleFace,
  faceB: sampleFace,
});

describe('symface verify', () => {
  it.each([
    { matched: true, exitCode: 0, word: 'MATCH' },
    { matched: false, exitCode: 1, word: 'NO MATCH' },
  ])('exits with $exitCode when matched is $matched', async ({ matched, exitCode, word }) => {
    const answers = {
      verification: {
        Verify: (_, done) => {
          done(null, verdict(matched));
        },
      },
    } satisfies FakeAnswers;
    const result = await run(answers, 'verify', imageA, imageB);
    expect(result.exitCode).toBe(exitCode);
    expect(result.terminal.outLines[0]).toMatch(
      new RegExp(`^${word} {2}similarity 0\\.\\d+, threshold 0\\.4000`),
    );
    expect(result.terminal.outLines.join('\n')).toContain('FMR 1e-3');
  });

  it('sends the images, the threshold and the face policy, and prints one JSON object', async () => {
    let asked: unknown;
    const answers: FakeAnswers = {
      verification: {
        Verify: ({ request }, done) => {
          const { imageA: a, similarityThreshold, faceSelection } = request;
          asked = { sent: (a?.content.length ?? 0) > 0, similarityThreshold, faceSelection };
          done(null, verdict(true));
        },
      },
    };
    const options = ['--json', '--threshold', '0.5', '--face', 'largest'];
    const { terminal, exitCode } = await run(answers, 'verify', imageA, imageB, ...options);
    expect(exitCode).toBe(0);
    expect(asked).toEqual({ sent: true, similarityThreshold: 0.5, faceSelection: 'FACE_SELECTION_LARGEST' });
    expect(terminal.json).toMatchObject([
      {
        matched: true,
        similarity: 0.73,
        threshold: { similarity: 0.4, origin: 'THRESHOLD_ORIGIN_MODEL_VERSION' },
        modelVersion: 'modelVersions/net-0123456789ab',
        imageA: { file: imageA, face: { frontness: { rho: 0.8 } } },
      },
    ]);
  });

  it('leaves the threshold to the model where none is given', async () => {
    let asked: unknown = 'nothing';
    const answers: FakeAnswers = {
      verification: {
        Verify: ({ request }, done) => {
          asked = request.similarityThreshold;
          done(null, verdict(true));
        },
      },
    };
    await run(answers, 'verify', imageA, imageB);
    expect(asked).toBeUndefined();
  });

  it('says which file failed, why, and what to do, and exits with 2', async () => {
    const failure = failedCall({
      reason: 'FACE_NOT_FOUND',
      message: 'No face was found in the image.',
      metadata: { field: 'image_b' },
      fieldViolations: [{ field: 'image_b', description: 'No face was found in the image.' }],
    });
    const answers: FakeAnswers = {
      verification: {
        Verify: (_, done) => {
          done(failure);
        },
      },
    };
    const { terminal, exitCode } = await run(answers, 'verify', imageA, imageB);
    expect(exitCode).toBe(2);
    expect(terminal.outLines).toEqual([]);
    expect(terminal.errLines).toEqual(['symface: FACE_NOT_FOUND: b.png: No face was found in the image.']);
  });

  it('passes on how long an overloaded server asks to wait', async () => {
    const failure = failedCall({
      code: status.RESOURCE_EXHAUSTED,
      reason: 'OVERLOADED',
      message: 'The queue is full.',
      retryDelayMs: 250,
    });
    const answers: FakeAnswers = {
      verification: {
        Verify: (_, done) => {
          done(failure);
        },
      },
    };
    const { terminal } = await run(answers, 'verify', imageA, imageB);
    expect(terminal.errLines[0]).toContain('Wait 250 ms.');
  });

  it('says how to start the server where none answers', async () => {
    const terminal = new RecordingTerminal();
    const exitCode = await runCommandLine(['verify', imageA, imageB, '--server', '127.0.0.1:1'], terminal);
    expect(exitCode).toBe(2);
    expect(terminal.errLines).toHaveLength(1);
    expect(terminal.errLines[0]).toContain('symface serve');
  });

  it('gives up at the deadline', async () => {
    const answers: FakeAnswers = { verification: { Verify: () => undefined } };
    const { terminal, exitCode } = await run(answers, 'verify', imageA, imageB, '--timeout-ms', '50');
    expect(exitCode).toBe(2);
    expect(terminal.errLines[0]).toContain('within 50 ms');
  });

  it.each([
    { args: ['verify', 'only-one.jpg'], says: 'Give a second image' },
    { args: ['verify', 'a.jpg', 'b.jpg', '--threshold', '2'], says: 'between -1 and 1' },
    { args: ['verify', 'a.jpg', 'b.jpg', '--face', 'all'], says: 'Allowed choices' },
    {
      args: ['verify', 'no-such-a.jpg', 'no-such-b.jpg'],
      says: 'Cannot read the image no-such-a.jpg (ENOENT)',
    },
  ])('exits with 2 for $args', async ({ args, says }) => {
    const terminal = new RecordingTerminal();
    expect(await runCommandLine(args, terminal)).toBe(2);
    expect(terminal.errLines.join('\n')).toContain(says);
  });
});

describe('symface verify with many images', () => {
  /** Images are told apart by their bytes: a match is "match", a face that is not found "nobody". */
  const answers: FakeAnswers = {
    verification: {
      VerifyMany: ({ request }, done) => {
        const results = request.images.map(({ content }) => {
          const text = content.toString();
          if (text.startsWith('nobody')) return { error: statusOf('FACE_NOT_FOUND', 'No face was found.') };
          return { response: verdict(text.startsWith('match')) };
        });
        done(null, { results });
      },
    },
  };
  const write = async (name: string, content: string): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  it('prints a comparison each in the order of the list, and exits with the worst', async () => {
    // More than one call takes.
    const paths = await Promise.all(
      Array.from({ length: 20 }, (_, index) => write(`m${index}.jpg`, `match ${index}`)),
    );
    const { terminal, exitCode } = await run(
      answers,
      'verify',
      imageA,
      ...paths,
      '--json',
      '--parallel',
      '3',
    );
    expect(exitCode).toBe(0);
    expect(terminal.json).toMatchObject(
      paths.map((file) => ({ matched: true, imageA: { file: imageA }, imageB: { file } })),
    );
    const stranger = await write('stranger.jpg', 'other');
    expect((await run(answers, 'verify', imageA, ...paths, stranger)).exitCode).toBe(1);
  });

  it('goes on after images that fail, and says which', async () => {
    const match = await write('match.jpg', 'match');
    const nobody = await write('nobody.jpg', 'nobody');
    const missing = join(folder, 'missing.jpg');
    const { terminal, exitCode } = await run(answers, 'verify', imageA, nobody, missing, match);
    expect(exitCode).toBe(2);
    expect(terminal.outLines[0]).toMatch(/^match\.jpg: MATCH {2}similarity 0\.73/);
    expect(terminal.errLines).toEqual([
      expect.stringContaining(`${nobody}: FACE_NOT_FOUND`),
      expect.stringContaining(`Cannot read the image ${missing}`),
    ]);
  });

  it('compares each with a subject, several at a time', async () => {
    const subjects: string[] = [];
    const { exitCode } = await run(
      {
        verification: {
          VerifySubject: ({ request }, done) => {
            subjects.push(request.subject);
            expect(request.falseMatchRate).toBe(1e-4);
            done(null, { ...verdict(true), bestSimilarity: 0.73, meanSimilarity: 0.7, comparedFaceCount: 1 });
          },
        },
      },
      ...['verify', imageA, imageB, '--subject', 'ada', '--fmr', '1e-4'],
    );
    expect(exitCode).toBe(0);
    expect(subjects).toEqual(['collections/faces/subjects/ada', 'collections/faces/subjects/ada']);
  });
});
