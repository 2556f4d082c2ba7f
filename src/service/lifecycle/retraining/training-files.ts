import { Failure } from '../../../core/failure.js';
import { jobOfTrainingArtifact, trainingArtifactPrefix, trainingArtifacts } from './training-artifacts.js';
import type { ArtifactStore } from '../../../storage/artifacts/artifact-store.js';
import type { FaceTrainer } from './face-trainer.js';
import type { JobQueue } from '../../jobs/job-queue.js';
import { removeArtifacts } from './remove-artifacts.js';

/** What training jobs leave behind: artifacts, and folders on this machine. */
export class TrainingFiles {
  constructor(
    private readonly queue: Pick<JobQueue, 'get'>,
    private readonly artifacts: ArtifactStore,
    private readonly trainer: Pick<FaceTrainer, 'removeLeftovers'>,
  ) {}

  /** Removes a job's faces and checkpoints; its report stays. */
  async removeTemporary(jobId: string): Promise<void> {
    const { all, report, log } = trainingArtifacts(jobId);
    await removeArtifacts(this.artifacts, all, (name) => name === report || name === log);
  }

  private async removeAll(jobId: string): Promise<void> {
    await removeArtifacts(this.artifacts, trainingArtifacts(jobId).all);
  }

  /** Removes all that attempts at a job kept, also on this machine. */
  async removeLeft(jobId: string): Promise<void> {
    await this.removeAll(jobId);
    await this.trainer.removeLeftovers((id) => Promise.resolve(id === jobId));
  }

  /**
   * Removes what jobs left that ended while nobody could clean up, and everything of those that were forgotten.
   * @param current the job in hand, whose files stay
   */
  async removeLeftovers(current?: string): Promise<void> {
    const names = (await this.artifacts.list(trainingArtifactPrefix)).map(({ name }) => name);
    for (const jobId of new Set(names.map(jobOfTrainingArtifact))) {
      if (jobId === current) continue;
      const state = await this.stateOf(jobId);
      if (state === 'forgotten') await this.removeAll(jobId);
      else if (state === 'ended') await this.removeTemporary(jobId);
    }
    await this.trainer.removeLeftovers(async (jobId) => (await this.stateOf(jobId)) !== 'active');
  }

  private async stateOf(jobId: string): Promise<'active' | 'ended' | 'forgotten'> {
    try {
      const { endTime } = await this.queue.get(jobId);
      return endTime === undefined ? 'active' : 'ended';
    } catch (error) {
      if (error instanceof Failure && error.reason === 'JOB_NOT_FOUND') return 'forgotten';
      throw error;
    }
  }
}
