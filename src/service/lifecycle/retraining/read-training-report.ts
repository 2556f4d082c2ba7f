import { Failure } from '../../../core/failure.js';
import { trainingArtifacts } from './training-artifacts.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { JobQueue } from '../../jobs/job-queue.js';

/** `html`: a page with the curves; `log`: the figures behind them, a JSON object a line. */
export type TrainingReportFormat = 'html' | 'log';

/** What trainings that have come to their end leave behind for people. */
export class ReadTrainingReport {
  constructor(
    private readonly queue: Pick<JobQueue, 'get'>,
    private readonly artifacts: Pick<ArtifactStore, 'read'>,
  ) {}

  /**
   * Reads the file in pieces.
   * @throws Failure JOB_NOT_FOUND, TRAINING_REPORT_NOT_FOUND, ARTIFACT_DAMAGED, DATABASE_UNAVAILABLE
   */
  async *execute(jobId: string, format: TrainingReportFormat): AsyncGenerator<Uint8Array> {
    const { kind } = await this.queue.get(jobId);
    if (kind !== 'training') {
      throw new Failure('JOB_NOT_FOUND', `The job ${jobId} is no training job.`, { id: jobId });
    }
    const { report, log } = trainingArtifacts(jobId);
    try {
      yield* this.artifacts.read(format === 'html' ? report : log);
    } catch (error) {
      if (!(error instanceof Failure) || error.reason !== 'ARTIFACT_NOT_FOUND') throw error;
      const message = `The training ${jobId} has left no report: it has not come to an end, or was cancelled.`;
      throw new Failure('TRAINING_REPORT_NOT_FOUND', message, { id: jobId });
    }
  }
}
