import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { EngineObserver } from '../../src/adapters/worker/engine-observer.js';
import { type EngineOptions, InferenceEngine } from '../../src/adapters/worker/inference-engine.js';
import type { AnalysisRequest } from '../../src/application/ports/face-analysis.js';
import type { ModelPair } from '../../src/application/ports/model-serving.js';
import { arcFaceTemplate } from '../../src/domain/geometry/alignment-template.js';
import { Failure } from '../../src/domain/failure.js';
import type { ModelManifest } from '../../src/domain/model/manifest.js';

class RecordingObserver implements EngineObserver {
  readonly lost: string[] = [];
  readonly defects: unknown[] = [];
  shedCalls = 0;

  onShed(): void {
    this.shedCalls++;
  }

  onWorkerLost(description: string): void {
    this.lost.push(description);
  }

  onDefect(error: unknown): void {
    this.defects.push(error);
  }
}

const input = {
  width: 112,
  height: 112,
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [0, 0, 0],
  scale: [1, 1, 1],
} as const;
const provenance = { schemaVersion: 1, displayName: 'scripted', license: 'MIT', source: 'test' } as const;
const graph = { fileName: 'none.onnx', sha256: '' };

function models(backboneId: string): ModelPair {
  const stored = (id: string, manifest: ModelManifest): ModelPair['backbone'] => ({
    folder: '',
    version: { id, contractDigest: '', createTime: '', manifest },
  });
  return {
    backbone: stored(backboneId, {
      ...provenance,
      kind: 'backbone',
      graph,
      input,
      alignment: arcFaceTemplate,
      embedding: { dimension: 1, testTimeAugmentation: 'none' },
    }),
    detector: stored('detector', {
      ...provenance,
      kind: 'detector',
      family: 'retinaface',
      graphs: { detector: graph },
      input,
      minimumProbability: 0.5,
      maximumOverlap: 0.4,
    }),
  };
}

function request(script: string): AnalysisRequest {
  return {
    encoded: Buffer.from(script),
    kind: 'photograph',
    selection: 'all',
    wantEmbeddings: false,
    wantCrops: false,
  };
}

const never = { signal: new AbortController().signal };
const observer = new RecordingObserver();
let engine: InferenceEngine | undefined;

async function startEngine(options: Partial<EngineOptions> = {}): Promise<InferenceEngine> {
  engine = new InferenceEngine(
    {
      workerCount: 1,
      intraOpThreads: 1,
      maximumBatchSize: 1,
      jobsPerWorker: 1,
      queueCapacity: 4,
      imageLimits: { maximumBytes: 1, maximumPixels: 1 },
      startTimeoutMs: 10_000,
      stallTimeoutMs: 10_000,
      entryPoint: fileURLToPath(new URL('../support/scripted-worker.mjs', import.meta.url)),
      ...options,
    },
    observer,
  );
  await engine.serve(models('first'));
  return engine;
}

async function firstOutcome(script: string, control = never): Promise<unknown> {
  const batch = await engine!.analyse([request(script)], control);
  const [outcome] = batch.outcomes;
  if (outcome?.ok === false) throw outcome.error;
  return outcome?.image;
}

afterEach(() => {
  engine?.stop();
  observer.lost.length = 0;
  observer.defects.length = 0;
  observer.shedCalls = 0;
});

describe('InferenceEngine', () => {
  it('answers every image of a call in order and names the models', async () => {
    await startEngine({ workerCount: 2 });
    const batch = await engine!.analyse([request('sleep 40'), request('now'), request('fail')], never);
    expect(batch.models).toEqual({ backboneId: 'first', detectorId: 'detector' });
    expect(batch.outcomes.map((outcome) => outcome.ok)).toEqual([true, true, false]);
    expect(observer.defects).toHaveLength(1);
  });

  it('refuses calls beyond the queue with OVERLOADED and still answers the accepted ones', async () => {
    await startEngine({ queueCapacity: 2 });
    const accepted = ['sleep 50', 'now', 'now'].map((script) => firstOutcome(script));
    await expect(firstOutcome('now')).rejects.toMatchObject({ reason: 'OVERLOADED' });
    expect(await Promise.all(accepted)).toHaveLength(3);
    expect(observer.shedCalls).toBe(1);
  });

  it('answers a cancelled call at once, drops what waits and tells the worker', async () => {
    await startEngine();
    const controller = new AbortController();
    const running = firstOutcome('sleep 200');
    const queued = firstOutcome('now', { signal: controller.signal });
    controller.abort(new Failure('CANCELLED', 'gone'));
    await expect(queued).rejects.toMatchObject({ reason: 'CANCELLED' });
    expect(engine!.queuedImages).toBe(0);
    await running;
  });

  it('starts no work for a call that was cancelled before it came', async () => {
    await startEngine();
    const signal = AbortSignal.abort(new Failure('DEADLINE_EXCEEDED', 'late'));
    await expect(firstOutcome('now', { signal })).rejects.toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
  });

  it('gives the images of a dead worker to another and starts a new one', async () => {
    await startEngine({ jobsPerWorker: 2 });
    const innocent = firstOutcome('sleep 100');
    await expect(firstOutcome('crash')).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    await expect(innocent).resolves.toMatchObject({ faces: [] });
    expect(observer.lost).toEqual(['exit code 7', 'exit code 7']);
    await expect(firstOutcome('now')).resolves.toMatchObject({ faces: [] });
  });

  it('kills a worker that hangs and answers its images', async () => {
    await startEngine({ stallTimeoutMs: 200 });
    await expect(firstOutcome('hang')).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    expect(observer.lost).toEqual(['signal SIGKILL', 'signal SIGKILL']);
  });

  it('swaps models while calls run: each call is answered by the models it began with', async () => {
    await startEngine({ jobsPerWorker: 4 });
    const before = engine!.analyse([request('sleep 300'), request('sleep 300')], never);
    await engine!.serve(models('second'));
    const after = engine!.analyse([request('now')], never);
    expect((await before).models.backboneId).toBe('first');
    expect((await before).outcomes.every((outcome) => outcome.ok)).toBe(true);
    expect((await after).models.backboneId).toBe('second');
  });

  it('goes on with the old models where the new ones do not load', async () => {
    await startEngine();
    await expect(engine!.serve(models('broken'))).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    const batch = await engine!.analyse([request('now')], never);
    expect(batch.models.backboneId).toBe('first');
  });

  it('finishes accepted calls when it closes, then ends its workers', async () => {
    await startEngine();
    const accepted = firstOutcome('sleep 100');
    await engine!.close();
    const { width: processId } = (await accepted) as { width: number };
    for (let tries = 0; tries < 50 && isRunning(processId); tries++) await sleep(20);
    expect(isRunning(processId)).toBe(false);
  });
});

function isRunning(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch {
    return false;
  }
}
