import type { Collection__Output } from '../../generated/symface/v1/Collection.js';
import { idIn } from '../enrolment-names.js';

/** What to do about a collection that exact search has, or soon will have, no memory for; undefined where nothing is. */
export function memoryWarning({
  name,
  galleryMemoryShare,
  galleryNearlyFull,
}: Pick<Collection__Output, 'name' | 'galleryMemoryShare' | 'galleryNearlyFull'>): string | undefined {
  if (!galleryNearlyFull) return undefined;
  const taken = `${idIn(name)} takes ${Math.round(galleryMemoryShare * 100)} % of the memory for exact search`;
  return (
    `${taken}, ${galleryMemoryShare > 1 ? 'which refuses it' : 'which refuses it above 100 %'}: raise ` +
    `SYMFACE_GALLERY_MEMORY_MIB, or "symface collections index ${idIn(name)}"`
  );
}
