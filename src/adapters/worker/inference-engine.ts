import type {
  AnalysisBatch,
  AnalysisRequest,
  CallControl,
  FaceAnalysis,
  ServedModels,
} from '../../application/ports/face-analysis.js';
import type { ModelPair, ModelServing } from '../../application/ports/model-serving.js';
import { Failure } from '../../domain/failure.js';
import type { EngineObserver } from './engine-observer.js';
import { type GenerationOptions, WorkerGeneration } from './worker-generation.js';

export type EngineOptions = Omit<GenerationOptions, 'setup'> & Omit<GenerationOptions['setup'], 'models'>;

/**
 * The inference workers as a whole. Changing models starts a new generation of workers, warms it, moves new
 * calls to it and lets the old one finish and exit: ONNX Runtime sessions leak where they are released in
 * place (DESIGN §3).
 */
export class InferenceEngine implements FaceAnalysis, ModelServing {
  private current: WorkerGeneration | undefined;
  private readonly draining = new Set<WorkerGeneration>();
  private closing = false;
  private live = 0;
  private lastLiveCall = -Infinity;

  constructor(
    private readonly options: EngineOptions,
    private readonly observer: EngineObserver,
  ) {}

  get served(): ServedModels | undefined {
    return this.current?.models;
  }

  /** Images of live calls that wait or are worked on. */
  get liveImages(): number {
    return this.live;
  }

  /** When a live call came or ended last, by `performance.now()`. */
  get lastLiveCallMs(): number {
    return this.lastLiveCall;
  }

  /** Images that wait for a worker. */
  get queuedImages(): number {
    return this.current?.queuedJobs ?? 0;
  }

  get runningWorkers(): number {
    return this.current?.runningWorkers ?? 0;
  }

  /** Whether a call that comes now would be worked on. */
  get ready(): boolean {
    return !this.closing && this.runningWorkers > 0;
  }

  async serve(pair: ModelPair): Promise<void> {
    const next = new WorkerGeneration(servedModels(pair), this.generationOptions(pair), this.observer);
    await next.start();
    if (this.closing) {
      next.stop();
      throw shuttingDown();
    }
    const previous = this.current;
    this.current = next;
    if (previous === undefined) return;
    this.draining.add(previous);
    void previous.drain().then(() => this.draining.delete(previous));
  }

  async analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch> {
    this.lastLiveCall = performance.now();
    this.live += requests.length;
    try {
      return await this.analyseInBackground(requests, control);
    } finally {
      this.live -= requests.length;
      this.lastLiveCall = performance.now();
    }
  }

  /** As {@link analyse}, but not counted as live. */
  async analyseInBackground(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> {
    if (this.current === undefined) {
      throw new Failure(
        'SHUTTING_DOWN',
        'The service is starting; its models are not loaded yet. Try again.',
      );
    }
    return this.current.analyse(requests, control);
  }

  /** Finishes the calls that were accepted, then ends every worker. */
  async close(): Promise<void> {
    this.closing = true;
    const generations = [...this.draining, ...(this.current === undefined ? [] : [this.current])];
    await Promise.all(generations.map(async (generation) => generation.drain()));
  }

  /** Ends every worker now; calls that are left fail with SHUTTING_DOWN. */
  stop(): void {
    this.closing = true;
    this.current?.stop();
    for (const generation of this.draining) generation.stop();
  }

  private generationOptions(pair: ModelPair): GenerationOptions {
    const { intraOpThreads, maximumBatchSize, imageLimits, ...options } = this.options;
    return { ...options, setup: { models: pair, intraOpThreads, maximumBatchSize, imageLimits } };
  }
}

function servedModels(pair: ModelPair): ServedModels {
  const { manifest } = pair.backbone.version;
  const threshold = manifest.kind === 'backbone' ? manifest.similarityThreshold : undefined;
  return {
    backboneId: pair.backbone.version.id,
    detectorId: pair.detector.version.id,
    ...(threshold === undefined ? {} : { similarityThreshold: threshold }),
  };
}

function shuttingDown(): Failure {
  return new Failure('SHUTTING_DOWN', 'The service is shutting down.');
}
