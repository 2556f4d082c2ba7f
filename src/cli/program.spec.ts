import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import sharp from 'sharp';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  failedCall,
  startFakeServer,
  type FakeAnswers,
  type FakeServer,
} from '../../test/support/fake-symface-server.js';
import { RecordingTerminal } from '../../test/support/recording-terminal.js';
import { sampleFace } from '../../test/support/sample-face.js';
import type { ImportModelVersionRequest__Output } from '../generated/symface/v1/ImportModelVersionRequest.js';
import type { ModelVersion } from '../generated/symface/v1/ModelVersion.js';
import type { VerifyResponse } from '../generated/symface/v1/VerifyResponse.js';
import { runCommandLine } from './program.js';

let folder: string;
let imageA: string;
let imageB: string;
let server: FakeServer | undefined;

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

afterEach(() => {
  server?.stop();
  server = undefined;
});

/** Runs the command line against a server that gives these answers. */
async function run(answers: FakeAnswers, ...args: string[]) {
  server = await startFakeServer(answers);
  const terminal = new RecordingTerminal();
  const exitCode = await runCommandLine([...args, '--server', server.address], terminal);
  return { exitCode, terminal };
}

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
    const { terminal, exitCode } = await run(answers, 'embed', imageA, imageB, '--json');
    expect(exitCode).toBe(2);
    expect(terminal.json).toMatchObject([
      { file: imageA, error: { reason: 'IMAGE_UNREADABLE', message: 'The image is cut short.' } },
      { file: imageB, modelVersion: 'm', embeddings: [{ values: [0.6000000238418579, 0.800000011920929] }] },
    ]);
    expect(terminal.errLines).toEqual([`symface: ${imageA}: IMAGE_UNREADABLE: The image is cut short.`]);
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

describe('symface models', () => {
  const version = (id: string, active = false): ModelVersion => ({
    name: `modelVersions/${id}`,
    kind: 'MODEL_KIND_DETECTOR',
    displayName: 'scrfd',
    license: 'MIT',
    source: 'here',
    contractDigest: 'ab'.repeat(32),
    active,
    manifestJson: '{"kind":"detector"}',
    createTime: '2026-01-02T03:04:05Z',
  });

  it('lists every page', async () => {
    const answers: FakeAnswers = {
      models: {
        ListModelVersions: ({ request }, done) => {
          if (request.pageToken === '')
            done(null, { modelVersions: [version('one', true)], nextPageToken: 'next' });
          else done(null, { modelVersions: [version('two')], nextPageToken: '' });
        },
      },
    };
    const { terminal } = await run(answers, 'models', 'list');
    expect(terminal.outLines).toHaveLength(3);
    expect(terminal.outLines[1]).toMatch(/^\* {2}one +detector +MIT +2026-01-02 03:04 +here$/u);
  });

  it('streams the manifest and the graph, then activates', async () => {
    const graph = join(folder, 'SCRFD_500m.onnx');
    await writeFile(graph, Buffer.alloc(2.5 * 1024 * 1024, 7));
    let manifest: unknown;
    const chunkBytes: number[] = [];
    const answers: FakeAnswers = {
      models: {
        ImportModelVersion: (call, done) => {
          call.on('data', ({ manifestJson, graphChunk }: ImportModelVersionRequest__Output) => {
            if (graphChunk) chunkBytes.push(graphChunk.length);
            else manifest = JSON.parse(manifestJson ?? '');
          });
          call.on('end', () => {
            done(null, { modelVersion: version('scrfd-1'), created: true });
          });
        },
        GetModelVersion: (_, done) => {
          done(null, { modelVersion: version('scrfd-1') });
        },
        ActivateModelVersion: ({ request }, done) => {
          done(null, {
            modelVersion: version(request.name.replace('modelVersions/', ''), true),
            previousName: 'modelVersions/old',
          });
        },
      },
    };
    const options = ['--preset', 'scrfd', '--license', 'MIT', '--activate'];
    const { terminal, exitCode } = await run(answers, 'models', 'import', graph, ...options);
    expect(exitCode).toBe(0);
    expect(chunkBytes).toEqual([1_048_576, 1_048_576, 524_288]);
    expect(manifest).toMatchObject({
      kind: 'detector',
      family: 'scrfd',
      displayName: 'scrfd-500m',
      license: 'MIT',
    });
    expect(terminal.outLines).toEqual(['Imported scrfd-1.', 'scrfd-1 is active; before it was old.']);
  });

  it.each([
    [
      { state: 'ACTIVATION_STATE_SUCCEEDED', previousModelVersion: 'modelVersions/old' },
      0,
      'net-1 is active; before it was old.',
    ],
    [{ state: 'ACTIVATION_STATE_CANCELLED' }, 2, 'Activation a was cancelled; nothing changed.'],
    [
      {
        state: 'ACTIVATION_STATE_FAILED',
        failureReason: 'STORED_CROP_DAMAGED',
        failureMessage: 'A crop is damaged.',
      },
      2,
      'Activation a failed (STORED_CROP_DAMAGED): A crop is damaged. Nothing changed.',
    ],
  ] as const)('follows the activation of a backbone to its end: %j', async (end, code, line) => {
    const backbone = { ...version('net-1'), kind: 'MODEL_KIND_BACKBONE' as const };
    const activation = { name: 'activations/a', modelVersion: 'modelVersions/net-1', faceCount: 3 };
    const answers: FakeAnswers = {
      models: {
        GetModelVersion: (_, done) => {
          done(null, { modelVersion: backbone });
        },
        CreateActivation: (_, done) => {
          done(null, { activation: { ...activation, state: 'ACTIVATION_STATE_QUEUED' } });
        },
        WatchActivation: (call) => {
          const phase = 'ACTIVATION_PHASE_RE_EMBEDDING';
          call.write({ activation: { ...activation, state: 'ACTIVATION_STATE_RUNNING', phase } });
          call.write({ activation: { ...activation, ...end } });
          call.end();
        },
      },
    };
    const { terminal, exitCode } = await run(answers, 'models', 'activate', 'net-1');
    expect(exitCode).toBe(code);
    expect([...terminal.outLines, ...terminal.errLines].join('\n')).toContain(line);
    expect(terminal.errLines).toContain('  embedding the enrolled faces anew');
  });

  it('reports a manifest that the server refuses before the whole file is sent', async () => {
    const graph = join(folder, 'large.onnx');
    await writeFile(graph, Buffer.alloc(24 * 1024 * 1024));
    const failure = failedCall({
      reason: 'MODEL_INVALID',
      message: 'The manifest is wrong.',
      fieldViolations: [{ field: 'manifest.input.width', description: 'is 0' }],
    });
    const answers: FakeAnswers = {
      models: {
        ImportModelVersion: (call, done) => {
          call.once('data', () => {
            done(failure);
          });
        },
      },
    };
    const options = ['--preset', 'yunet', '--license', 'MIT'];
    const { terminal, exitCode } = await run(answers, 'models', 'import', graph, ...options);
    expect(exitCode).toBe(2);
    expect(terminal.errLines[0]).toMatch(
      /MODEL_INVALID: The manifest is wrong\. manifest\.input\.width: is 0\./u,
    );
  });

  it.each([
    { options: [], says: 'Describe the model' },
    { options: ['--preset', 'yunet'], says: 'State the licence' },
    { options: ['--preset', 'arcface', '--license', 'MIT'], says: "State the embedding's length" },
    { options: ['--manifest', 'none.json'], says: 'Cannot read the manifest none.json' },
  ])('asks for what is missing: $says', async ({ options, says }) => {
    const { terminal, exitCode } = await run({}, 'models', 'import', 'x.onnx', ...options);
    expect(exitCode).toBe(2);
    expect(terminal.errLines[0]).toContain(says);
  });

  it('points to the list where a version is not there', async () => {
    const failure = failedCall({
      code: status.NOT_FOUND,
      reason: 'MODEL_NOT_FOUND',
      message: 'There is no x.',
    });
    const answers: FakeAnswers = {
      models: {
        GetModelVersion: (_, done) => {
          done(failure);
        },
      },
    };
    const { terminal } = await run(answers, 'models', 'show', 'x');
    expect(terminal.errLines).toEqual([
      'symface: MODEL_NOT_FOUND: There is no x. The versions there are: symface models list.',
    ]);
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
