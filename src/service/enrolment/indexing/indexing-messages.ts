import type { Indexing } from '../../../generated/symface/v1/Indexing.js';
import type { Job } from '../../jobs/job.js';
import { collectionName } from '../../platform/resource-names.js';
import { indexingInputOf, indexingProgressOf } from './indexing.js';

const phases = {
  filling: 'INDEXING_PHASE_FILLING',
  building: 'INDEXING_PHASE_BUILDING',
  removing: 'INDEXING_PHASE_REMOVING',
} as const;

export function toIndexingMessage(job: Job): Indexing {
  const { collectionId, remove } = indexingInputOf(job);
  const progress = indexingProgressOf(job);
  return {
    collection: collectionName({ collectionId }),
    remove,
    phase: progress === undefined ? 'INDEXING_PHASE_UNSPECIFIED' : phases[progress.phase],
    templateCount: progress?.templates ?? 0,
    finishedTemplateCount: progress?.finished ?? 0,
    damagedTemplateCount: progress?.damaged ?? 0,
  };
}
