/** How many revisions a copy of a collection may be behind and still learn what was deleted meanwhile. */
const catchUpRevisions = 50_000n;

/**
 * For so many revisions of a collection the ids of its deleted faces are kept: a copy that is searched now and then is far less behind,
 * and one that is more is read anew, which costs no more by then. Twice as many as a copy may be behind, since others are deleted while
 * it reads.
 */
export const rememberedRevisions = 2n * catchUpRevisions;

/** Whether a copy at one revision can be brought to another by what has changed; it must be read anew otherwise. */
export function canCatchUp(copyRevision: string, revision: string): boolean {
  return BigInt(revision) - BigInt(copyRevision) <= catchUpRevisions;
}
