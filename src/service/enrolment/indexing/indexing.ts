import type { Job, Json } from '../../jobs/job.js';

/** What a job is asked to do with a collection's index. */
export interface IndexingInput {
  readonly collectionUid: string;
  readonly collectionId: string;
  readonly remove: boolean;
  /** Whether it was to have an index already when the job was queued: then that stays so, whatever becomes of the job. */
  readonly wasSearchable: boolean;
}

/** How far it is. */
export interface IndexingProgress {
  readonly phase: 'filling' | 'building' | 'removing';
  /** Templates that this phase is about, and how many of them are done. */
  readonly templates: number;
  readonly finished: number;
  readonly damaged: number;
}

export function indexingInputOf({ input }: Pick<Job, 'input'>): IndexingInput {
  return input as unknown as IndexingInput;
}

/** What was told last; undefined of one that has not begun. */
export function indexingProgressOf({
  progress,
  output,
}: Pick<Job, 'progress' | 'output'>): IndexingProgress | undefined {
  return ((output ?? progress) as unknown as IndexingProgress | null | undefined) ?? undefined;
}

export function jsonOf(value: IndexingInput | IndexingProgress): Json {
  return { ...value };
}
