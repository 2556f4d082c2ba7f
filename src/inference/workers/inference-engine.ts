import type {
  AnalysisBatch,
  AnalysisRequest,
  CallControl,
  FaceAnalysis,
  ServedModels,
} from '../analyser/face-analysis.js';
import type { ModelPair, ModelServing, TrialServing } from './model-serving.js';
import { Failure } from '../../core/failure.js';
import type { EngineObserver } from './engine-observer.js';
import { servedModels } from './served-models.js';
import { LowPriorityWorker } from './low-priority-worker.js';
import { type GenerationOptions, WorkerGeneration } from './worker-generation.js';

export type EngineOptions = Omit<GenerationOptions, 'setup'> & Omit<GenerationOptions['setup'], 'models'>;

/**
 * The inference workers as a whole. Changing models starts a new generation of workers, warms it, moves new
 * calls to it and lets the old one finish and exit: ONNX Runtime sessions leak where they are released.
 */
export class InferenceEngine implements FaceAnalysis, ModelServing, TrialServing {
  private current: WorkerGeneration | undefined;
  private currentPair: ModelPair | undefined;
  private readonly draining = new Set<WorkerGeneration>();
  private readonly spare: LowPriorityWorker;
  private readonly trial: LowPriorityWorker;
  private closing = false;
  private live = 0;
  private lastLiveCall = -Infinity;

  constructor(
    private readonly options: EngineOptions,
    private readonly observer: EngineObserver,
  ) {
    const { workerCount, queueCapacity } = options;
    const optionsFor = (pair: ModelPair): GenerationOptions => this.generationOptions(pair);
    this.spare = new LowPriorityWorker(optionsFor, observer, { workerCount: 1, queueCapacity });
    // While models change, these, the old and the new workers are there at once: memory decides, not speed. Calls are
    // whole batches of the service's own, and none is to be refused.
    const half = Math.ceil(workerCount / 2);
    const size = { workerCount: half, queueCapacity: Infinity };
    // An activation and an assessment may go on at once, and an assessment has two models itself.
    this.trial = new LowPriorityWorker(optionsFor, observer, size, 'several');
  }

  get served(): ServedModels | undefined {
    return this.current?.models;
  }

  /** The time at which a live call came or ended last, by `performance.now()`; now where one is worked on. */
  get lastLiveCallMs(): number {
    return this.live > 0 ? performance.now() : this.lastLiveCall;
  }

  /** Images that wait for a worker. */
  get queuedImages(): number {
    return this.current?.queuedJobs ?? 0;
  }

  /** How long the image that waits longest has waited for a worker, in milliseconds. */
  get oldestQueuedMs(): number {
    return this.current?.oldestQueuedMs ?? 0;
  }

  get runningWorkers(): number {
    return this.current?.runningWorkers ?? 0;
  }

  /** Whether a call that comes now would be worked on. */
  get ready(): boolean {
    return !this.closing && this.runningWorkers > 0;
  }

  /** Whether a call with as many images would be taken now, and not be OVERLOADED. @param share as in its control */
  hasRoom(imageCount: number, share: readonly string[] | undefined): boolean {
    return this.current?.hasRoom(imageCount, share) ?? true;
  }

  async serve(pair: ModelPair): Promise<void> {
    const startedAtMs = performance.now();
    const next = new WorkerGeneration(servedModels(pair), this.generationOptions(pair), this.observer);
    await next.start(this.current === undefined ? 'together' : 'one-by-one');
    if (this.closing) {
      next.stop();
      throw shuttingDown();
    }
    const previous = this.current;
    this.current = next;
    this.currentPair = pair;
    if (previous === undefined) return;
    this.observer.onModelsChanged((performance.now() - startedAtMs) / 1000);
    this.draining.add(previous);
    void previous.drain().then(() => this.draining.delete(previous));
  }

  async analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch> {
    control.images?.take(requests.length);
    this.live += requests.length;
    try {
      return await this.analyseInBackground(requests, control);
    } catch (error) {
      // Whole calls fail before any image is looked at.
      control.images?.giveBack(requests.length);
      throw error;
    } finally {
      this.live -= requests.length;
      this.lastLiveCall = performance.now();
    }
  }

  /** Analyses as {@link analyse} does, but is not counted as live. */
  async analyseInBackground(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> {
    if (this.current === undefined) throw starting();
    return this.current.analyse(requests, control);
  }

  /**
   * Analyses as {@link analyse} does, by a worker of the lowest priority, which starts where it is not there.
   */
  async analyseBesideLive(
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> {
    if (this.currentPair === undefined) throw starting();
    if (this.closing) throw shuttingDown();
    return this.spare.analyse(this.currentPair, requests, control);
  }

  async load(pair: ModelPair): Promise<void> {
    if (this.closing) throw shuttingDown();
    await this.trial.load(pair);
  }

  async analyseWith(
    pair: ModelPair,
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch> {
    if (this.closing) throw shuttingDown();
    return this.trial.analyse(pair, requests, control);
  }

  /** Finishes the calls that were accepted, then ends every worker. */
  async close(): Promise<void> {
    this.closing = true;
    const generations = [...this.draining, ...(this.current === undefined ? [] : [this.current])];
    const beside = [this.spare, this.trial].map(async (worker) => worker.close());
    await Promise.all([...beside, ...generations.map(async (generation) => generation.drain())]);
  }

  /** Ends every worker now; calls that are left fail with SHUTTING_DOWN. */
  stop(): void {
    this.closing = true;
    this.current?.stop();
    this.spare.stop();
    this.trial.stop();
    for (const generation of this.draining) generation.stop();
  }

  private generationOptions(pair: ModelPair): GenerationOptions {
    const { intraOpThreads, provider = 'cpu', maximumBatchSize, imageLimits, ...options } = this.options;
    return { ...options, setup: { models: pair, intraOpThreads, provider, maximumBatchSize, imageLimits } };
  }
}

function starting(): Failure {
  return new Failure('SHUTTING_DOWN', 'The service is starting; its models are not loaded yet. Try again.');
}

function shuttingDown(): Failure {
  return new Failure('SHUTTING_DOWN', 'The service is shutting down.');
}
