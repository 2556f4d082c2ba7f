import { Failure } from '../../../core/failure.js';

/** Lets a call that a change of the backbone came across go on with the new one. */
export interface ModelChanges {
  /** Goes over to the active models, unless they serve. @returns the id of the backbone that serves then */
  catchUp(): Promise<string>;
}

/**
 * Does work of one call; once more where its model version was replaced meanwhile, so that a face enrolled since has a
 * template under the new one only.
 */
export async function againAfterModelChange<T>(changes: ModelChanges, work: () => Promise<T>): Promise<T> {
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
