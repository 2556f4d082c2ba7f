import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { failedCall, type FakeAnswers } from '../../../test/support/fake-symface-server.js';
import { runAgainst as run } from '../../../test/support/run-against.js';
import type { ImportModelVersionRequest__Output } from '../../generated/symface/v1/ImportModelVersionRequest.js';
import type { ModelVersion } from '../../generated/symface/v1/ModelVersion.js';
import { Failure } from '../../core/failure.js';
import { richStatus } from '../../service/platform/grpc/rich-status.js';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-models-'));
});

afterAll(() => rm(folder, { recursive: true }));

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

  it('shows a manifest without the numbers of its self-check and bands, but as JSON with them', async () => {
    const manifest = { kind: 'backbone', selfCheck: { seed: 1 }, calibration: { bands: [1, 2, 3] } };
    const modelVersion = { ...version('net'), manifestJson: JSON.stringify(manifest) };
    const answers: FakeAnswers = {
      models: {
        GetModelVersion: (_call, done) => {
          done(null, { modelVersion });
        },
      },
      benchmark: {
        GetModelCalibration: (_call, done) => {
          done(null, {});
        },
      },
    };
    const text = (await run(answers, 'models', 'show', 'net')).terminal.outLines.join('\n');
    expect(text).toContain('"3 bands"');
    expect(text).not.toContain('selfCheck');
    const json = (await run(answers, 'models', 'show', 'net', '--json')).terminal.outLines[0] ?? '';
    expect(JSON.parse(json)).toMatchObject({ manifest });
  });

  it.each([
    ['none', {}, [/calibrate --folder .* --model net-1$/u, /models activate net-1$/u]],
    ['some', { calibration: { modelVersion: 'modelVersions/net-1' } }, [/models activate net-1$/u]],
  ] as const)('says what is left to do for a backbone with %s thresholds', async (_, calibration, steps) => {
    const graph = join(folder, 'net.onnx');
    await writeFile(graph, Buffer.alloc(16));
    const answers: FakeAnswers = {
      models: {
        ImportModelVersion: (call, done) => {
          call.on('data', () => undefined);
          call.on('end', () => {
            done(null, { modelVersion: { ...version('net-1'), kind: 'MODEL_KIND_BACKBONE' }, created: true });
          });
        },
      },
      benchmark: {
        GetModelCalibration: (_call, done) => {
          done(null, calibration);
        },
      },
    };
    const options = ['--preset', 'arcface', '--dimension', '128', '--license', 'MIT'];
    const { terminal } = await run(answers, 'models', 'import', graph, ...options);
    expect(terminal.outLines).toEqual([
      'Imported net-1.',
      ...steps.map((step) => expect.stringMatching(step) as string),
    ]);
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
          done(null, { modelVersion: version('scrfd-1', true) });
        },
        CreateActivation: ({ request: { modelVersion } }, done) => {
          done(null, { job: { name: 'jobs/a', state: 'JOB_STATE_QUEUED', activation: { modelVersion } } });
        },
      },
      jobs: {
        WatchJob: (call) => {
          const activation = {
            modelVersion: 'modelVersions/scrfd-1',
            previousModelVersion: 'modelVersions/old',
          };
          call.write({ job: { name: 'jobs/a', state: 'JOB_STATE_SUCCEEDED', activation } });
          call.end();
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

  it('imports the first graph of a detector that has several, and says so', async () => {
    const graph = join(folder, 'detector.onnx');
    const manifestFile = join(folder, 'manifest.json');
    const graphOf = (fileName: string) => ({ fileName, sha256: 'ab'.repeat(32) });
    const detector = graphOf('detector.onnx');
    const graphs = { detector, detectorLarge: graphOf('large.onnx'), closeUp: graphOf('near.onnx') };
    await writeFile(graph, 'onnx');
    await writeFile(manifestFile, JSON.stringify({ kind: 'detector', family: 'retinaface', graphs }));
    let manifest: unknown;
    const answers: FakeAnswers = {
      models: {
        ImportModelVersion: (call, done) => {
          call.on('data', ({ manifestJson }: ImportModelVersionRequest__Output) => {
            if (manifestJson !== undefined) manifest = JSON.parse(manifestJson);
          });
          call.on('end', () => {
            done(null, { modelVersion: version('mine-1'), created: true });
          });
        },
      },
    };
    const { terminal } = await run(answers, 'models', 'import', graph, '--manifest', manifestFile);
    expect(manifest).toEqual({ kind: 'detector', family: 'retinaface', graphs: { detector } });
    expect(terminal.errLines.join()).toMatch(
      /only "detector" is imported: without detectorLarge and closeUp/u,
    );
  });

  it.each([
    [{ state: 'JOB_STATE_SUCCEEDED' }, 0, 'net-1 is active; before it was old.'],
    [{ state: 'JOB_STATE_CANCELLED' }, 2, 'Activation a was cancelled; nothing changed.'],
    [
      {
        state: 'JOB_STATE_FAILED',
        error: richStatus(new Failure('STORED_CROP_DAMAGED', 'A crop is damaged.')),
      },
      2,
      'Activation a failed (STORED_CROP_DAMAGED): A crop is damaged. Nothing changed.',
    ],
  ] as const)('follows the activation of a backbone to its end: %j', async (end, code, line) => {
    const backbone = { ...version('net-1'), kind: 'MODEL_KIND_BACKBONE' as const };
    const activation = {
      modelVersion: 'modelVersions/net-1',
      faceCount: 3,
      previousModelVersion: 'modelVersions/old',
    };
    const answers: FakeAnswers = {
      models: {
        GetModelVersion: (_, done) => {
          done(null, { modelVersion: backbone });
        },
        CreateActivation: (_, done) => {
          done(null, { job: { name: 'jobs/a', state: 'JOB_STATE_QUEUED', activation } });
        },
      },
      jobs: {
        WatchJob: (call) => {
          const phase = 'ACTIVATION_PHASE_RE_EMBEDDING';
          const running = { state: 'JOB_STATE_RUNNING', activation: { ...activation, phase } } as const;
          call.write({ job: { name: 'jobs/a', ...running } });
          call.write({ job: { name: 'jobs/a', activation, ...end } });
          call.end();
        },
      },
    };
    const { terminal, exitCode } = await run(answers, 'models', 'activate', 'net-1');
    expect(exitCode).toBe(code);
    expect([...terminal.outLines, ...terminal.errLines].join('\n')).toContain(line);
    expect(terminal.errLines).toContain('  embedding the enrolled faces anew: 3 faces');
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
