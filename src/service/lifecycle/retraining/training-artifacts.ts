/** What a training job keeps, by the artifacts' names. */
export interface TrainingArtifacts {
  readonly all: string;
  /** The snapshot of faces. */
  readonly faces: string;
  /** What is in it; there once the snapshot is whole. */
  readonly facesSummary: string;
  /** Files of the trainer's folder that a run goes on from. */
  readonly run: string;
  /** The prefix of the files that stay when the job has ended. */
  readonly report: string;
  readonly log: string;
}

export const trainingArtifactPrefix = 'training/';

export function trainingArtifacts(jobId: string): TrainingArtifacts {
  const all = `${trainingArtifactPrefix}${jobId}/`;
  return {
    all,
    faces: `${all}faces`,
    facesSummary: `${all}faces.json`,
    run: `${all}run/`,
    report: `${all}report.html`,
    log: `${all}log.jsonl`,
  };
}

/** The job that an artifact is of. */
export function jobOfTrainingArtifact(name: string): string {
  return name.slice(trainingArtifactPrefix.length).split('/')[0] ?? '';
}
