import type { ModelVersion } from '../../../core/models/manifest.js';

/**
 * Versions that were fine-tuned and have had their day: all but the newest ones. What has no lineage (it was imported or
 * comes with the package) stays, and so does what serves or served before.
 * @param keptCount of the newest that stay besides those in `inUse`
 */
export function outdatedVersions(
  versions: readonly ModelVersion[],
  inUse: ReadonlySet<string>,
  keptCount: number,
): readonly ModelVersion[] {
  return versions
    .filter(
      ({ id, manifest }) => manifest.kind === 'backbone' && manifest.lineage !== undefined && !inUse.has(id),
    )
    .toSorted(newestFirst)
    .slice(keptCount);
}

/** ISO 8601 times in UTC sort as text; the id decides between equal ones. */
function newestFirst(left: ModelVersion, right: ModelVersion): number {
  const key = ({ createTime, id }: ModelVersion): string => `${createTime} ${id}`;
  return key(left) < key(right) ? 1 : -1;
}
