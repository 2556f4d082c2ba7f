import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { failedCall, type FakeAnswers, statusOf } from '../../test/support/fake-symface-server.js';
import { runAgainst as run } from '../../test/support/run-against.js';
import { RecordingTerminal } from '../../test/support/recording-terminal.js';
import { sampleFace } from '../../test/support/sample-face.js';
import type { VerifyResponse } from '../generated/symface/v1/VerifyResponse.js';
import { runCommandLine } from './program.js';

let folder: string;
let imageA: string;
let imageB: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-cli-'));
  imageA = join(folder, 'a.png');
  imageB = join(folder, 'b.png');
  const png = await sharp({ create: { width: 100, height: 80, channels: 3, background: '#888' } })
    .png()
    .toBuffer();
  await Promise.all([writeFile(imageA, png), writeFile(imageB, png)]);
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
    { args: ['unheard-of'], says: 'unknown command' },
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

describe('symface detect', () => {
  const detect = async (wanted: (includeCrops: boolean) => void): Promise<FakeAnswers> => {
    const crop = await sharp({ create: { width: 112, height: 112, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const crops = { alignedPng: crop, leftHalfPng: crop, rightHalfPng: crop };
    return {
      verification: {
        DetectFaces: ({ request }, done) => {
          wanted(request.includeCrops);
          const face = request.includeCrops ? { ...sampleFace, crops } : sampleFace;
          done(null, { faces: [face], imageWidth: 100, imageHeight: 80, detectorVersion: 'd' });
        },
      },
    };
  };

  it('draws box, landmarks and ρ on the photograph, and crops and halves beside it', async () => {
    const picture = join(folder, 'out.png');
    const answers = await detect((includeCrops) => {
      expect(includeCrops).toBe(true);
    });
    const { exitCode } = await run(answers, 'detect', imageA, '--draw', picture);
    expect(exitCode).toBe(0);
    const { data, info } = await sharp(picture).raw().toBuffer({ resolveWithObject: true });
    expect(info.width).toBeGreaterThan(100 + 3 * 64);
    const pixel = (x: number, y: number) => [
      ...data.subarray((y * info.width + x) * info.channels).subarray(0, 3),
    ];
    const [red = 0, , blue = 255] = pixel(40, 60);
    expect(red - blue, 'the lower edge of the box is yellow').toBeGreaterThan(150);
    expect(pixel(5, 75)).toEqual([136, 136, 136]);
    expect(pixel(40, 38)).toEqual([255, 255, 255]);
    expect(pixel(110, 20)).toEqual([255, 0, 0]);
  });

  it('draws the photograph only with --no-halves', async () => {
    const picture = join(folder, 'out-plain.png');
    const answers = await detect((includeCrops) => {
      expect(includeCrops).toBe(false);
    });
    await run(answers, 'detect', imageA, '--draw', picture, '--no-halves');
    expect(await sharp(picture).metadata()).toMatchObject({ width: 100, height: 80 });
  });

  it('prints faces as JSON without crops', async () => {
    const { terminal } = await run(await detect(() => undefined), 'detect', imageA, '--json');
    expect(terminal.json).toMatchObject([{ file: imageA, imageWidth: 100, faces: [{ box: { x: 20 } }] }]);
    expect(JSON.stringify(terminal.json)).not.toContain('crops');
  });

  it('refuses to draw two images into one file', async () => {
    const { exitCode, terminal } = await run({}, 'detect', imageA, imageB, '--draw', 'x.png');
    expect(exitCode).toBe(2);
    expect(terminal.errLines[0]).toContain('--draw takes one image');
  });
});

describe('symface --help', () => {
  it.each([[], ['verify'], ['embed'], ['detect'], ['models'], ['models', 'import'], ['models', 'activate']])(
    'shows examples and the server option: %s',
    async (...command) => {
      const terminal = new RecordingTerminal();
      expect(await runCommandLine([...command, '--help'], terminal)).toBe(0);
      const help = terminal.outLines.join('\n');
      expect(help).toMatch(/Examples?:/u);
      expect(help).toContain('--server');
    },
  );
});
