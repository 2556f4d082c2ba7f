import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import type { Database } from '../../src/service/platform/database/database.js';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { openTestDatabase } from '../support/databases.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import { JobQueue } from '../../src/service/jobs/job-queue.js';
import { SubjectStore } from '../../src/service/enrolment/subjects/subject.store.js';
import { TrainableFaceStore } from '../../src/service/lifecycle/retraining/trainable-face.store.js';
import { ProcessFaceTrainer } from '../../src/service/lifecycle/retraining/process-face-trainer.js';
import { DirectoryArtifactStore } from '../../src/storage/artifacts/directory-artifact-store.js';
import { ModelFiles } from '../../src/storage/models/model-files.js';
import { encodeSnapshot } from '../../src/training/enrolled-faces/encode-snapshot.js';
import { CreateAssessment } from '../../src/service/lifecycle/assessment/create-assessment.js';
import type { LogEntry } from '../../src/training/runs/run-log.js';
import { WorkOnJobs } from '../../src/service/jobs/work-on-jobs.js';
import { CreateTraining } from '../../src/service/lifecycle/retraining/create-training.js';
import { Retrain } from '../../src/service/lifecycle/retraining/retrain.js';
import { TrainingKeys } from '../../src/service/lifecycle/retraining/training-keys.js';
import { TakeSnapshot } from '../../src/service/lifecycle/retraining/take-snapshot.js';
import { trainingJobs } from '../../src/service/lifecycle/retraining/training-jobs.js';
import { TrainingFiles } from '../../src/service/lifecycle/retraining/training-files.js';
import type { Artifact } from '../../src/storage/artifacts/artifact.js';
import { Failure } from '../../src/core/failure.js';
import type { Job } from '../../src/service/jobs/job.js';
import type { BackboneManifest } from '../../src/core/models/manifest.js';
import { arcFacePreset } from '../../src/core/models/presets.js';
import {
  type RetrainingPolicy,
  retrainingPolicy,
} from '../../src/service/lifecycle/retraining/retraining-policy.js';
import {
  jsonOf,
  type TrainingOutput,
  type TrainingProgress,
} from '../../src/service/lifecycle/retraining/training-job.js';

import { someCaller } from '../support/enrolments.js';
import { isFullSuite } from '../support/full-suite.js';
import { imageNetNetwork, imageNetPixels, NetworkWriter } from '../support/small-networks.js';
import { logEntries } from '../support/training-log.js';
import {
  killTrainingProcesses,
  trainingEntryPoint,
  trainingProcesses,
} from '../support/training-processes.js';
import { picturesOfPersons, writeTaggedFaces } from '../support/training-images.js';
import { enrolTrainableFaces, trainableSubject } from '../support/trainable-enrolments.js';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const timing = {
  leaseMs: 20_000,
  heartbeatEveryMs: 50,
  lookEveryMs: 20,
  forgetEndedAfterMs: 1e9,
  forgetEveryMs: 1e9,
};
const retry = { maximumAttempts: 3, firstDelayMs: 1, maximumDelayMs: 1 };
const small = {
  minimumIdentities: 6,
  batchSize: 2,
  learningRate: 0.0001,
  replayIdentities: 0,
};
/** How far to go is said, so that a candidate comes of it whatever the few faces tell. */
const halfWay = { trainedShare: 0.5 };

interface Reported {
  readonly attempt: number;
  readonly progress: TrainingProgress;
}

/** A store whose disk is full for so many files of a run. */
class FillingArtifactStore extends DirectoryArtifactStore {
  refusals = 0;

  override async write(name: string, content: AsyncIterable<Uint8Array>): Promise<Artifact> {
    if (!name.includes('/run/') || this.refusals === 0) return super.write(name, content);
    this.refusals--;
    throw new Failure('STORAGE_FULL', 'There is no room left.');
  }
}

/** What `npm test` has prepared. */
async function shippedBackbone(): Promise<[BackboneManifest, ReadonlyMap<string, Uint8Array>]> {
  const prepared = new ModelFiles(join(projectFolder, '.symface'));
  for (const { version, folder } of await prepared.list()) {
    const { manifest } = version;
    if (manifest.kind !== 'backbone') continue;
    const { fileName } = manifest.graph;
    return [manifest, new Map([[fileName, await readFile(join(folder, fileName))]])];
  }
  throw new Error('no backbone is prepared: npm run build && node dist/cli/main.js prepare');
}

/** A small network for faces as the shipped backbone takes them, embedded with their mirror images. */
function backboneLikeTheShipped(): [BackboneManifest, ReadonlyMap<string, Uint8Array>] {
  const graph = imageNetNetwork(0.2);
  const preset = arcFacePreset({ dimension: 8, testTimeAugmentation: 'horizontal-flip' });
  const manifest: BackboneManifest = {
    ...preset,
    displayName: 'mobilefacenet-symface',
    license: 'MIT',
    source: 'made by this test',
    input: { ...preset.input, ...imageNetPixels },
    graph: { fileName: 'backbone.onnx', sha256: createHash('sha256').update(graph).digest('hex') },
  };
  return [manifest, new Map([['backbone.onnx', graph]])];
}

describe('a training job', () => {
  let folder: string;
  let database: Database;
  let queue: JobQueue;
  let subjects: SubjectStore;
  let registry: ModelFiles;
  let artifacts: FillingArtifactStore;
  let faces: TrainableFaceStore;
  let files: TrainingFiles;
  let retrain: Retrain;
  let parent: string;
  let worker: WorkOnJobs;
  let reported: Reported[];
  /** Whose trainings made other versions outdated. */
  const outdatedFor: string[] = [];
  const defects: unknown[] = [];

  const register = async (displayName: string, graph: Uint8Array): Promise<string> => {
    const preset = arcFacePreset({ dimension: 8 });
    const sha256 = createHash('sha256').update(graph).digest('hex');
    const { stored } = await registry.register(
      {
        ...preset,
        displayName,
        license: 'MIT',
        source: 'made by this test',
        input: { ...preset.input, ...imageNetPixels },
        graph: { fileName: 'backbone.onnx', sha256 },
        similarityThreshold: { similarity: 0.4, description: 'of the parent' },
      },
      new Map([['backbone.onnx', graph]]),
    );
    return stored.version.id;
  };

  const startWorker = (): void => {
    worker = new WorkOnJobs({
      queue,
      timing,
      onDefect: (error) => defects.push(error),
      removeLeft: async (job) => trainingJobs(retrain, files).removeLeft?.(job),
      work: {
        training: async (job, context) =>
          retrain.execute(job, {
            ...context,
            report: (progress) => {
              reported.push({ attempt: job.attempt, progress: progress as unknown as TrainingProgress });
              context.report(progress);
            },
          }),
      },
    });
    worker.start();
  };

  const enqueue = async (
    given: Partial<RetrainingPolicy>,
    id = parent,
    howFar: Partial<RetrainingPolicy> = halfWay,
  ): Promise<Job> => {
    const policy = retrainingPolicy({ ...small, ...howFar, ...given });
    const input = jsonOf({ parent: id, policy, activateWhenPassed: false });
    const requester = { actor: 'test', tenant: 'default' };
    return queue.enqueue({ kind: 'training', input, requester, details: {}, singletonKey: id, retry });
  };

  const ended = async (id: string): Promise<Job> => {
    await expect.poll(async () => (await queue.get(id)).endTime, { timeout: 50_000 }).toBeDefined();
    expect(defects).toEqual([]);
    return queue.get(id);
  };

  const stepsReported = (attempt: number): number[] =>
    reported.flatMap(({ attempt: of, progress: { phase, steps } }) =>
      of === attempt && phase === 'training' && steps !== undefined ? [steps.done] : [],
    );

  const logOf = async (id: string): Promise<LogEntry[]> => {
    const pieces: Uint8Array[] = [];
    for await (const piece of artifacts.read(`training/${id}/log.jsonl`)) pieces.push(piece);
    return logEntries(Buffer.concat(pieces).toString('utf8'));
  };

  /** Names and contents of every file that trainings have on this machine. */
  const filesOfTrainings = async (): Promise<[string, Buffer][]> => {
    const found: [string, Buffer][] = [];
    for (const place of ['work', 'artifacts']) {
      const entries = await readdir(join(folder, place), { recursive: true, withFileTypes: true });
      for (const entry of entries.filter((file) => file.isFile())) {
        const path = join(entry.parentPath, entry.name);
        // It may be replaced just now.
        const content = await readFile(path).catch(() => undefined);
        if (content !== undefined) found.push([path, content]);
      }
    }
    return found;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-retraining-'));
    const opened = await openTestDatabase({ databaseUrl: undefined, dataFolder: join(folder, 'data') });
    ({ database } = opened);
    const keys = new TrainingKeys(database, opened.keys);
    queue = new JobQueue(database);
    subjects = new SubjectStore(database);
    registry = new ModelFiles(join(folder, 'data'));
    artifacts = new FillingArtifactStore(join(folder, 'artifacts'));
    faces = new TrainableFaceStore(database);
    const trainer = new ProcessFaceTrainer({
      artifacts,
      keys,
      replayData: join(folder, 'replay.yaml'),
      workFolder: join(folder, 'work'),
      entryPoint: trainingEntryPoint,
      provider: 'cpu',
      precision: 'single',
      threads: 1,
      priority: 0,
    });
    files = new TrainingFiles(queue, artifacts, trainer);
    const snapshots = new TakeSnapshot({ faces, artifacts, keys, encode: encodeSnapshot });
    const assessment = new CreateAssessment({
      jobs: queue,
      registry,
      datasets: { getDataset: (id) => Promise.reject(new Failure('DATASET_NOT_FOUND', id)) },
      active: { active: () => Promise.resolve(undefined) },
    });
    const outdated = {
      execute: ({ actor }: { readonly actor: string }) => {
        outdatedFor.push(actor);
        return Promise.resolve([]);
      },
    };
    retrain = new Retrain({ registry, snapshots, trainer, files, assessment, outdated });
    const enrolled = new EnrolledFaceStore(database, opened.keys);
    await enrolTrainableFaces(new CollectionStore(database), enrolled, 10, 4);
    parent = await register('small', imageNetNetwork());
  });

  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  beforeEach(() => {
    reported = [];
    defects.length = 0;
    startWorker();
  });

  afterEach(() => worker.close());

  it('whose process is killed goes on from its checkpoint to a candidate, and leaves no face behind', async () => {
    const job = await enqueue({ epochs: 4 });
    await expect.poll(() => Math.max(...stepsReported(1)), { timeout: 40_000 }).toBeGreaterThan(30);
    // In the middle there are a snapshot, a checkpoint and a folder: none holds a picture or a name.
    const inTheMiddle = await filesOfTrainings();
    const names = inTheMiddle.map(([path]) => path).join('\n');
    expect(names).toMatch(/work.*\/faces$/mu);
    expect(names).toMatch(/checkpoints.*state\.safetensors/u);
    for (const [path, content] of inTheMiddle) {
      for (const secret of ['IHDR', 'person-of-test', Buffer.alloc(32, 7)]) {
        expect(content.includes(secret), `${path} has ${String(secret)}`).toBe(false);
      }
    }
    killTrainingProcesses();
    const { state, failedAttempts, output } = await ended(job.id);
    expect({ state, failedAttempts }).toEqual({ state: 'succeeded', failedAttempts: 1 });
    expect(stepsReported(2)[0]).toBeGreaterThan(20);

    const { modelVersion, data, steps, parentFigures, candidateFigures } =
      output as unknown as TrainingOutput;
    expect(data.counts).toMatchObject({
      enrolledIdentities: 10,
      identities: 10,
      faces: 40,
      frontalFaces: 20,
    });
    expect(data.heldOutIdentities).toBeGreaterThanOrEqual(2);
    expect(reported.at(-1)?.progress.curve?.heldOut[0]).toEqual({ step: 0, ...parentFigures });
    const last = (await logOf(job.id)).findLast((entry) => entry.kind === 'evaluation');
    expect(steps).toBe(last?.step);
    expect(candidateFigures?.equalErrorRate).toBe(last?.equalErrorRate);
    const { manifest } = (await registry.get(modelVersion ?? '')).version;
    expect(manifest).toMatchObject({
      displayName: 'small',
      license: 'MIT',
      lineage: {
        parent,
        trainingJob: job.id,
        identityCount: 10 - data.heldOutIdentities,
        faceCount: 40,
        dataSha256: data.digest,
      },
    });
    expect(manifest).not.toHaveProperty('similarityThreshold');
    expect(outdatedFor).toEqual(['test']);
    const left = async (): Promise<readonly string[]> =>
      (await artifacts.list('training/')).map(({ name }) => name);
    await expect.poll(left).toEqual([`training/${job.id}/log.jsonl`, `training/${job.id}/report.html`]);
    expect(await readdir(join(folder, 'work'))).toEqual([]);
  });

  it('that is given back goes on without whoever withdrew consent meanwhile, from the start', async () => {
    const job = await enqueue({ epochs: 7, seed: 2 });
    await expect.poll(() => stepsReported(1).length, { timeout: 40_000 }).toBeGreaterThan(20);
    await worker.close();
    expect(await queue.get(job.id)).toMatchObject({ state: 'queued', failedAttempts: 0 });
    const kept = (await artifacts.list(`training/${job.id}/run/checkpoints/`)).map(({ name }) => name);
    // The place and the state.
    expect(kept).toHaveLength(2);
    await subjects.update(trainableSubject(3), { consentToTrain: false }, someCaller);
    startWorker();
    await expect.poll(() => stepsReported(2).length, { timeout: 40_000 }).toBeGreaterThan(0);
    expect(stepsReported(2)[0]).toBe(1);
    expect(reported.at(-1)?.progress.data?.counts).toMatchObject({
      consentingIdentities: 9,
      identities: 9,
      faces: 36,
    });
    await queue.cancel(job.id, someCaller);
    expect((await ended(job.id)).state).toBe('cancelled');
    await expect.poll(() => artifacts.list(`training/${job.id}/`)).toEqual([]);
    expect(await readdir(join(folder, 'work'))).toEqual([]);
    expect(trainingProcesses()).toEqual([]);
  });

  it('finds how far to go, and succeeds without a candidate where there is nothing to gain', async () => {
    const before = (await registry.list()).length;
    // So small a rate changes next to nothing.
    const job = await enqueue({ learningRate: 1e-9 }, parent, {});
    const { state, output } = await ended(job.id);
    expect(state).toBe('succeeded');
    const { modelVersion, candidateFigures, assessment, choice } = output as unknown as TrainingOutput;
    expect({ modelVersion, candidateFigures, assessment }).toEqual({});
    expect(choice).toMatchObject({
      trainedShare: 0,
      askedFalseMatchRate: 1e-3,
      identityCount: 2,
      faceCount: 8,
    });
    // Of 16 pairs of strangers ten must match.
    expect(choice?.falseMatchRate).toBe(10 / 16);
    expect(choice?.shares.map(({ trainedShare, isProjected }) => [trainedShare, isProjected])).toEqual(
      Array.from({ length: 11 }, (_, tenths) =>
        [false, true].map((projected) => [tenths / 10, projected]),
      ).flat(),
    );
    expect(await registry.list()).toHaveLength(before);
    expect(reported.at(-1)?.progress.phase).toBe('choosing');
  });

  it('trains on the operator’s own data set too, and the candidate says so', async () => {
    await writeTaggedFaces(join(folder, 'others'), picturesOfPersons(4, 3));
    const settings = 'format: identity-folder\npath: others\nkind: aligned-crop\n';
    await writeFile(join(folder, 'replay.yaml'), settings);
    const { state, output } = await ended((await enqueue({ replayIdentities: 3 })).id);
    expect(state).toBe('succeeded');
    const { modelVersion, data } = output as unknown as TrainingOutput;
    expect((await registry.get(modelVersion ?? '')).version.manifest).toMatchObject({
      lineage: { faceCount: data.counts.faces, replay: { identityCount: 3, faceCount: 9 } },
    });
    await rm(join(folder, 'others'), { recursive: true });
    const missing = await ended((await enqueue({ replayIdentities: 3 })).id);
    expect(missing.failure).toMatchObject({
      reason: 'DATASET_INVALID',
      message: expect.stringContaining('The replay data') as string,
    });
  });

  it('fine-tunes the default backbone', async () => {
    const [shipped, files] = isFullSuite ? await shippedBackbone() : backboneLikeTheShipped();
    const { stored } = await registry.register(shipped, files);
    const { state, output } = await ended((await enqueue({ epochs: 1, batchSize: 8 }, stored.version.id)).id);
    expect(state).toBe('succeeded');
    const { modelVersion } = output as unknown as TrainingOutput;
    expect((await registry.get(modelVersion ?? '')).version.manifest).toMatchObject({
      displayName: 'mobilefacenet-symface',
      input: { width: 112, height: 112 },
      embedding: { dimension: isFullSuite ? 512 : 8, testTimeAugmentation: 'horizontal-flip' },
      lineage: { parent: stored.version.id },
    });
  });

  it('is refused where there are too few identities, with the counts, before and when it is worked on', async () => {
    const served = (): string => parent;
    const creation = new CreateTraining({
      ...{ jobs: queue, registry, faces, served },
      operatingPoint: { current: async () => Promise.resolve({ falseMatchRate: 1e-3, set: undefined }) },
    });
    const request = { parent: undefined, policy: { minimumIdentities: 50 }, activateWhenPassed: false };
    const refused = creation.execute(request, someCaller);
    await expect(refused).rejects.toMatchObject({
      reason: 'TRAINING_DATA_INSUFFICIENT',
      metadata: { identities: '9', enrolled_identities: '10' },
    });
    const { failure, state } = await ended((await enqueue({ minimumIdentities: 50 })).id);
    expect(state).toBe('failed');
    expect(failure?.reason).toBe('TRAINING_DATA_INSUFFICIENT');
    expect(failure?.message).toContain('50 are needed');
  });

  it('fails where the graph of its parent cannot be trained, and says what is in the way', async () => {
    const network = new NetworkWriter();
    const flat = network.node('Flatten', [network.node('Round', ['image'])]);
    const embedding = network.node('Gemm', [flat, network.weights([8, 37_632])], { transB: 1 });
    const odd = await register('odd', network.model(embedding, { side: 112 }));
    const { failure, state } = await ended((await enqueue({}, odd)).id);
    expect(state).toBe('failed');
    expect(failure?.message).toContain('Round');
    // The reports and logs of the four that succeeded.
    await expect.poll(() => artifacts.list('training/')).toHaveLength(8);
  });

  it('goes on where the store of its checkpoints was full for a while', async () => {
    artifacts.refusals = 1;
    const { state, failedAttempts } = await ended((await enqueue({ epochs: 2 })).id);
    expect({ state, failedAttempts }).toEqual({ state: 'succeeded', failedAttempts: 1 });
  });

  it('fails where the store stays full, says so, and leaves nothing in it', async () => {
    artifacts.refusals = Infinity;
    const job = await enqueue({ epochs: 2 });
    const { state, failedAttempts, failure } = await ended(job.id);
    artifacts.refusals = 0;
    expect({ state, failedAttempts }).toEqual({ state: 'failed', failedAttempts: 3 });
    expect(failure?.reason).toBe('STORAGE_FULL');
    await expect.poll(() => artifacts.list(`training/${job.id}`)).toEqual([]);
  });
});
