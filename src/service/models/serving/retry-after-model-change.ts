import { Failure } from '../../../core/failure.js';

/** Lets a call that a change of the backbone came across go on with the new one. */
export interface ModelChanges {
  /** Goes over to the active models, unless they serve already. @returns the id of the backbone that serves then */
  catchUp(): Promise<string>;
}

/**
 * Does the work of one call, and does it once more where its model version was replaced meanwhile, since a face that
 * was enrolled since then has a template under the new one only.
 */
export async function retryAfterModelChange<T>(changes: ModelChanges, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'FACES_NOT_REEMBEDDED') throw error;
    // Where this process cannot go over, the call fails for its own reason.
    const servedId = await changes.catchUp().catch(() => undefined);
    if (servedId === undefined || servedId === error.metadata['model_version']) throw error;
    return work();
  }
}
