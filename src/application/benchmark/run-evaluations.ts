import { randomUUID } from 'node:crypto';
import type { Evaluation, EvaluationEnd } from '../../domain/benchmark/evaluation.js';
import { verificationReport } from '../../domain/benchmark/verification-report.js';
import { Failure } from '../../domain/failure.js';
import type { DatasetReader } from '../ports/dataset-reader.js';
import { type EvaluationStore, evaluationOrderKey } from '../ports/evaluation-store.js';
import type { FaceAnalysis, ServedModels } from '../ports/face-analysis.js';
import { type Page, type PageRequest, readPage, timeAndIdKey } from '../ports/page.js';
import { measureDataset } from './measure-dataset.js';

interface RunEvaluationsParts {
  readonly store: EvaluationStore;
  readonly read: DatasetReader;
  /** At lower priority than live traffic. */
  readonly analysis: FaceAnalysis;
  /** What serves now. */
  readonly served: () => ServedModels | undefined;
  readonly parallel: number;
  /** Told of defects. */
  readonly onDefect: (error: unknown) => void;
}

/** A run of this process. */
interface Run {
  readonly controller: AbortController;
  finishedImageCount: number;
}

/** Benchmarks, one after the other. */
export class RunEvaluations {
  private readonly runs = new Map<string, Run>();
  private queue: Promise<void> = Promise.resolve();
  private closing = false;

  constructor(private readonly parts: RunEvaluationsParts) {}

  /** Goes on with what an earlier process left. */
  async resume(): Promise<void> {
    for (const evaluation of await this.parts.store.unfinished()) this.enqueue(evaluation);
  }

  /** @throws Failure DATASET_NOT_FOUND, SHUTTING_DOWN */
  async start(datasetId: string): Promise<Evaluation> {
    const models = this.parts.served();
    if (models === undefined || this.closing) {
      throw new Failure('SHUTTING_DOWN', 'The service is starting or shutting down. Try again.');
    }
    const { imageCount } = await this.parts.store.getDataset(datasetId);
    const evaluation = await this.parts.store.create({
      id: randomUUID(),
      datasetId,
      imageCount,
      modelVersion: models.backboneId,
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

  /** Ends a run; one that has ended stays as it is. @throws Failure EVALUATION_NOT_FOUND */
  async cancel(id: string): Promise<Evaluation> {
    await this.parts.store.get(id);
    this.runs.get(id)?.controller.abort(new Failure('CANCELLED', 'The evaluation was cancelled.'));
    await this.parts.store.finish(id, { state: 'cancelled' });
    return this.get(id);
  }

  /** Stops runs without ending them: the next process goes on. */
  async close(): Promise<void> {
    this.closing = true;
    for (const { controller } of this.runs.values()) {
      controller.abort(new Failure('SHUTTING_DOWN', 'The service is shutting down.'));
    }
    await this.queue;
  }

  private withProgress(evaluation: Evaluation): Evaluation {
    const run = this.runs.get(evaluation.id);
    if (run === undefined || evaluation.end !== undefined) return evaluation;
    return { ...evaluation, finishedImageCount: run.finishedImageCount };
  }

  private enqueue(evaluation: Evaluation): void {
    this.runs.set(evaluation.id, { controller: new AbortController(), finishedImageCount: 0 });
    this.queue = this.queue.then(async () => {
      await this.run(evaluation).catch(this.parts.onDefect);
      this.runs.delete(evaluation.id);
    });
  }

  private async run(evaluation: Evaluation): Promise<void> {
    const run = this.runs.get(evaluation.id);
    if (run === undefined || isAborted(run)) return;
    try {
      await this.parts.store.finish(evaluation.id, await this.evaluated(evaluation, run));
    } catch (error) {
      // A shutdown leaves it unfinished, and a cancelled one has ended already.
      if (isAborted(run)) return;
      if (!(error instanceof Failure)) this.parts.onDefect(error);
      await this.parts.store.finish(evaluation.id, failedBy(error));
    }
  }

  private async evaluated(evaluation: Evaluation, run: Run): Promise<EvaluationEnd> {
    const dataset = await this.parts.read(await this.parts.store.getDataset(evaluation.datasetId));
    const measured = await measureDataset(dataset, evaluation, this.parts, run.controller, () => {
      run.finishedImageCount++;
    });
    const report = verificationReport(dataset.images, dataset.pairs, dataset.foldCount, measured.images);
    return { state: 'succeeded', report, datasetDigest: measured.digest };
  }
}

function isAborted({ controller }: Run): boolean {
  return controller.signal.aborted;
}

function failedBy(error: unknown): EvaluationEnd {
  if (error instanceof Failure) return { state: 'failed', reason: error.reason, message: error.message };
  if (error instanceof RangeError)
    return { state: 'failed', reason: 'DATASET_INVALID', message: error.message };
  return { state: 'failed', reason: undefined, message: 'Internal error; the service log has the reason.' };
}
