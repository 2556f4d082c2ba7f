import { randomUUID } from 'node:crypto';
import type { EvaluatedModels, Evaluation, EvaluationEnd } from './evaluation.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import type { PairOutcomes } from '../../core/protocols/pair-outcomes.js';
import { Failure } from '../../core/failure.js';
import type { DatasetReader } from './dataset-reader.js';
import { type EvaluationStore, evaluationOrderKey } from './evaluation-store.js';
import type { FaceAnalysis, ServedModels } from '../../inference/analyser/face-analysis.js';
import { type Page, type PageRequest, readPage, timeAndIdKey } from '../platform/page.js';
import type { VerificationStatistics } from './statistics/verification-statistics.js';
import { measureDataset } from './measure-dataset.js';

interface RunEvaluationsParts {
  readonly store: EvaluationStore;
  readonly read: DatasetReader;
  /** By these models, at lower priority than live traffic. @throws Failure MODEL_NOT_FOUND, MODEL_INVALID */
  readonly analysisOf: (models: EvaluatedModels) => Promise<FaceAnalysis>;
  readonly statistics: Pick<VerificationStatistics, 'report'>;
  /** What serves now. */
  readonly served: () => ServedModels | undefined;
  /** @throws Failure MODEL_NOT_FOUND */
  readonly requireBackbone: (id: string) => Promise<unknown>;
  readonly parallel: number;
  /** Recorded with every evaluation. */
  readonly codeVersion: string;
  /** Told of defects. */
  readonly onDefect: (error: unknown) => void;
  readonly timing?: ClaimTiming;
}

/** Several replicas share the evaluations of one database: each is claimed by one at a time. */
interface ClaimTiming {
  /** How long a claim holds that is not renewed: after it, another replica goes on. */
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  /** How often this process looks for evaluations that nobody works on. */
  readonly lookEveryMs: number;
}

const defaultTiming: ClaimTiming = { leaseMs: 15_000, renewEveryMs: 3_000, lookEveryMs: 5_000 };

/** A run of this process. */
interface Run {
  readonly controller: AbortController;
  startedAtMs: number | undefined;
  finishedImageCount: number;
}

/** Benchmarks, one after the other. */
export class RunEvaluations {
  /** Names this process in claims. */
  private readonly claimant = randomUUID();
  private readonly timing: ClaimTiming;
  private readonly runs = new Map<string, Run>();
  private queue: Promise<void> = Promise.resolve();
  private lookout: NodeJS.Timeout | undefined;
  private closing = false;

  constructor(private readonly parts: RunEvaluationsParts) {
    this.timing = parts.timing ?? defaultTiming;
  }

  /** Goes on with what earlier processes left, and with what other replicas will leave. */
  async resume(): Promise<void> {
    await this.lookForUnclaimed();
    this.lookout = setInterval(() => {
      // A database that does not answer now does later; who calls is told by then.
      this.lookForUnclaimed().catch(() => undefined);
    }, this.timing.lookEveryMs).unref();
  }

  /**
   * @param modelVersion a backbone; the one that serves where undefined
   * @throws Failure DATASET_NOT_FOUND, MODEL_NOT_FOUND, SHUTTING_DOWN
   */
  async start(datasetId: string, facelessPolicy: FacelessPolicy, modelVersion?: string): Promise<Evaluation> {
    const models = this.parts.served();
    if (models === undefined || this.closing) {
      throw new Failure('SHUTTING_DOWN', 'The service is starting or shutting down. Try again.');
    }
    if (modelVersion !== undefined) await this.parts.requireBackbone(modelVersion);
    const { imageCount } = await this.parts.store.getDataset(datasetId);
    const evaluation = await this.parts.store.create({
      id: randomUUID(),
      datasetId,
      imageCount,
      facelessPolicy,
      codeVersion: this.parts.codeVersion,
      modelVersion: modelVersion ?? models.backboneId,
      detectorVersion: models.detectorId,
    });
    this.enqueue(evaluation);
    return evaluation;
  }

  /** With the progress of this moment. @throws Failure EVALUATION_NOT_FOUND */
  async get(id: string): Promise<Evaluation> {
    return this.withProgress(await this.parts.store.get(id));
  }

  /** @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest): Promise<Page<Evaluation>> {
    const page = await readPage(
      'evaluations',
      request,
      (query) => this.parts.store.list(query),
      evaluationOrderKey,
      timeAndIdKey,
    );
    return { ...page, items: page.items.map((evaluation) => this.withProgress(evaluation)) };
  }

  /** Ends a run, whoever works on it; one that has ended stays as it is. @throws Failure EVALUATION_NOT_FOUND */
  async cancel(id: string): Promise<Evaluation> {
    await this.parts.store.get(id);
    this.runs.get(id)?.controller.abort(new Failure('CANCELLED', 'The evaluation was cancelled.'));
    await this.parts.store.finish(id, { state: 'cancelled' });
    return this.get(id);
  }

  /** Stops runs without ending them: the next process goes on. */
  async close(): Promise<void> {
    this.closing = true;
    clearInterval(this.lookout);
    for (const { controller } of this.runs.values()) {
      controller.abort(new Failure('SHUTTING_DOWN', 'The service is shutting down.'));
    }
    await this.queue;
  }

  private withProgress(evaluation: Evaluation): Evaluation {
    const run = this.runs.get(evaluation.id);
    if (run?.startedAtMs === undefined || evaluation.end !== undefined) return evaluation;
    const { finishedImageCount, startedAtMs } = run;
    const seconds = (performance.now() - startedAtMs) / 1000;
    return {
      ...evaluation,
      finishedImageCount,
      imagesPerSecond: seconds > 0 ? finishedImageCount / seconds : 0,
    };
  }

  private async lookForUnclaimed(): Promise<void> {
    for (const evaluation of await this.parts.store.unclaimed()) {
      if (!this.closing && !this.runs.has(evaluation.id)) this.enqueue(evaluation);
    }
  }

  private enqueue(evaluation: Evaluation): void {
    this.runs.set(evaluation.id, {
      controller: new AbortController(),
      startedAtMs: undefined,
      finishedImageCount: 0,
    });
    this.queue = this.queue.then(async () => {
      await this.runClaimed(evaluation).catch(this.parts.onDefect);
      this.runs.delete(evaluation.id);
    });
  }

  /** Nothing where another replica works on it, or it has ended. */
  private async runClaimed(evaluation: Evaluation): Promise<void> {
    const run = this.runs.get(evaluation.id);
    if (run === undefined || isAborted(run)) return;
    const claim = { id: evaluation.id, claimant: this.claimant, leaseMs: this.timing.leaseMs };
    if (!(await this.parts.store.claim(claim, 0))) return;
    const renewal = setInterval(() => {
      this.parts.store.claim(claim, run.finishedImageCount).then(
        (isOurs) => {
          if (!isOurs)
            run.controller.abort(new Failure('CANCELLED', 'It was cancelled, or another replica has it.'));
        },
        // While the database does not answer, the claim runs on until its lease is over.
        () => undefined,
      );
    }, this.timing.renewEveryMs);
    try {
      await this.run(evaluation, run);
    } finally {
      clearInterval(renewal);
      await this.parts.store.release(claim);
    }
  }

  private async run(evaluation: Evaluation, run: Run): Promise<void> {
    run.startedAtMs = performance.now();
    try {
      const { end, outcomes } = await this.evaluated(evaluation, run);
      await this.parts.store.finish(evaluation.id, end, outcomes);
    } catch (error) {
      // A shutdown leaves it unfinished, and a cancelled one has ended already.
      if (isAborted(run)) return;
      if (!(error instanceof Failure)) this.parts.onDefect(error);
      await this.parts.store.finish(evaluation.id, failedBy(error));
    }
  }

  private async evaluated(
    evaluation: Evaluation,
    run: Run,
  ): Promise<{ readonly end: EvaluationEnd; readonly outcomes: PairOutcomes }> {
    const { facelessPolicy } = evaluation;
    const dataset = await this.parts.read(await this.parts.store.getDataset(evaluation.datasetId));
    const analysis = await this.parts.analysisOf(evaluation);
    const measured = await measureDataset(
      dataset,
      evaluation,
      { ...this.parts, analysis },
      run.controller,
      () => {
        run.finishedImageCount++;
      },
    );
    const { images, pairs, foldCount } = dataset;
    const { digests } = measured;
    const { report, outcomes } = await this.parts.statistics.report({
      images,
      pairs,
      foldCount,
      measured: measured.images,
      digests,
      facelessPolicy,
    });
    return { end: { state: 'succeeded', report, datasetDigest: measured.digest }, outcomes };
  }
}

function isAborted({ controller }: Run): boolean {
  return controller.signal.aborted;
}

function failedBy(error: unknown): EvaluationEnd {
  if (error instanceof Failure) return { state: 'failed', reason: error.reason, message: error.message };
  return { state: 'failed', reason: undefined, message: 'Internal error; the service log has the reason.' };
}
