import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { arcFacePreset } from '../../src/core/models/presets.js';
import { NO_PYTHON_REASON, pythonWithGrpc } from '../support/python.js';
import { startRunningServer, type RunningServer } from '../support/running-server.js';
import { writeSamplePhotographs } from '../support/sample-photographs.js';
import { tinyBackbone } from '../support/tiny-models.js';

const python = pythonWithGrpc();
if (python === undefined) console.warn(`Skipping the Python client: ${NO_PYTHON_REASON}.`);

describe.skipIf(python === undefined)('a client in another gRPC implementation', () => {
  let server: RunningServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-python-'));
    server = await startRunningServer();
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('finds the services by reflection and calls every RPC', async () => {
    const { one, other } = await writeSamplePhotographs(folder);
    const manifestFile = join(folder, 'manifest.json');
    const graphFile = join(folder, 'tiny.onnx');
    const stated = { displayName: 'tiny', license: 'MIT', source: 'made by a test' };
    await writeFile(manifestFile, JSON.stringify({ ...arcFacePreset({ dimension: 4 }), ...stated }));
    await writeFile(graphFile, tinyBackbone());
    const pairs = `image_a,image_b,same\n${basename(one)},${basename(one)},1\n${basename(one)},${basename(other)},0\n`;
    const listFile = join(folder, 'pairs.csv');
    await writeFile(listFile, pairs);
    const files = [one, other, manifestFile, graphFile, listFile];
    const args = ['test/e2e/python_client.py', server.address, ...files];
    const { stdout } = await promisify(execFile)(python ?? '', args);
    const report = JSON.parse(stdout) as {
      readonly verification: { readonly similarity: number };
      readonly called: readonly string[];
      readonly methods: readonly string[];
    };
    expect(report.methods.filter((method) => !report.called.includes(method))).toEqual([
      'grpc.health.v1.Health/List',
      'grpc.health.v1.Health/Watch',
    ]);
    expect(report).toMatchObject({
      services: [
        'grpc.health.v1.Health',
        'symface.v1.AdminService',
        'symface.v1.AssessmentService',
        'symface.v1.BenchmarkService',
        'symface.v1.EncryptionService',
        'symface.v1.EnrollmentService',
        'symface.v1.FaceVerificationService',
        'symface.v1.JobService',
        'symface.v1.ModelService',
        'symface.v1.OperationsService',
        'symface.v1.TrainingService',
      ],
      serving: true,
      verification: {
        faces: 1,
        embeddingLength: expect.closeTo(1, 3) as number,
        matched: false,
        batch: ['response', 'error'],
        batchMatched: true,
        many: ['response', 'response', 'error'],
        stream: { 0: 'response', 1: 'error', 2: 'response' },
        refusal: 'INVALID_ARGUMENT',
      },
      operations: {
        ready: true,
        database: true,
        gateways: 1,
        problems: [],
        failures: true,
        backup: ['symface-backup.json', 'manifest.seal.json'],
      },
      encryption: { rewrapped: 0, masterKey: true, rotation: 2, dataKeys: [1, 2] },
      training: {
        created: 'FAILED_PRECONDITION',
        report: 'NOT_FOUND',
        schedule: ['NOT_FOUND', 5, 1000, 1000, 'DeleteTrainingScheduleResponse', 'NOT_FOUND'],
      },
      enrolment: {
        indexing: [true, true],
        merged: [true, 0],
        gate: 0.001,
        consent: true,
        results: ['face', 'error'],
        replayed: [false, true, true],
        verified: [true, true],
        identified: ['collections/python/subjects/other'],
        templates: [2, 0],
        gotTheSame: true,
        listed: true,
        receipts: [1, 1, 1],
      },
      administration: {
        caller: ['anonymous', 'default', 2],
        secret: true,
        limited: [0, 100],
        revoked: true,
        listed: true,
        audit: ['api-key.revoke', 'api-key.update', 'api-key.create'],
        details: 'python',
      },
      benchmark: {
        // A model does not differ from itself.
        compared: [2, 1],
        // PNG.
        faces: ['89504e47'],
        // Two pairs support no false match rate.
        calibrated: ['FAILED_PRECONDITION', 'FAILED_PRECONDITION'],
        // The default; the model that serves has no threshold at 0.3.
        point: [1e-3, 'FAILED_PRECONDITION'],
        // The one that the model came with.
        calibration: true,
        datasets: ['datasets/python'],
        // QUEUED, SUCCEEDED.
        states: [1, 3],
        work: 'benchmark_run',
        pairs: [1, 1],
        listed: true,
      },
      models: {
        gotTheSame: true,
        created: [true, false],
        states: [3, 3],
        backAgain: true,
      },
      assessment: {
        // A rejected candidate's job has succeeded.
        state: 3,
        verdict: 2,
        // Nobody is enrolled, and two pairs give no threshold.
        failed: ['calibration', 'held-out'],
        // It has no threshold.
        shadow: 'FAILED_PRECONDITION',
        stopped: false,
        shadows: 0,
      },
      jobs: {
        // The assessment ran a benchmark of each model.
        works: [
          'benchmark_run',
          'benchmark_run',
          'assessment',
          'activation',
          'activation',
          'benchmark_run',
          'key_rotation',
          'indexing',
        ],
        activations: 2,
        ofModel: ['activation', 'assessment', 'benchmark_run'],
        gotTheSame: true,
        cancelled: true,
        unknown: ['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'],
      },
      deletion: { templates: 0, again: 'NOT_FOUND' },
    });
    expect(report.verification.similarity).toBeLessThan(1);
  });
});
