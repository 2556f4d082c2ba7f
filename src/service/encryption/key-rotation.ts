import type { Job, Json } from '../jobs/job.js';

/** What a rotation is asked to do. */
export interface KeyRotationInput {
  /** The number of the new data key. */
  readonly dataKey: number;
}

/** How far a rotation is, and what came of it. */
export interface KeyRotationProgress {
  readonly phase: 'sealing' | 'waiting';
  /** What was to be sealed anew, over all attempts. */
  readonly values: number;
  readonly sealed: number;
  readonly damaged: number;
  /** Trainings that need an old key. */
  readonly trainings: number;
  readonly destroyed: readonly number[];
}

export function rotationInputOf({ input }: Pick<Job, 'input'>): KeyRotationInput {
  return input as unknown as KeyRotationInput;
}

/** What was told last; undefined of one that has not begun. */
export function rotationProgressOf({
  progress,
  output,
}: Pick<Job, 'progress' | 'output'>): KeyRotationProgress | undefined {
  return ((output ?? progress) as unknown as KeyRotationProgress | null | undefined) ?? undefined;
}

export function jsonOf(value: KeyRotationInput | KeyRotationProgress): Json {
  return { ...value };
}
