/** A version as far as its descent goes. */
export interface Descendant {
  readonly id: string;
  /** The id that it was fine-tuned from; undefined where it was not, or not here. */
  readonly parent: string | undefined;
}

/** Where a version lies in the drawing: columns by generation, rows so that no two branches cross. */
export interface PlacedVersion {
  readonly id: string;
  /** 0 for versions without a parent that is known. */
  readonly column: number;
  readonly row: number;
  /** Where its parent lies; undefined where it is not drawn. */
  readonly parent: PlacedVersion | undefined;
}

/**
 * Lays descent out from left to right: each version beside its first child, later children below.
 * A version whose parent was deleted begins a branch of its own, and so does one of a circle.
 * @param versions in the order of their creation
 */
export function placeLineage(versions: readonly Descendant[]): readonly PlacedVersion[] {
  const ids = new Set(versions.map(({ id }) => id));
  const placed = new Map<string, PlacedVersion>();
  let rows = 0;
  const place = (id: string, parent: PlacedVersion | undefined): void => {
    if (placed.has(id)) return;
    const isFirstChild = parent !== undefined && ![...placed.values()].some((one) => one.parent === parent);
    const row = isFirstChild ? parent.row : rows++;
    const here = { id, column: parent === undefined ? 0 : parent.column + 1, row, parent };
    placed.set(id, here);
    for (const child of versions) if (child.parent === id) place(child.id, here);
  };
  for (const { id, parent } of versions) if (parent === undefined || !ids.has(parent)) place(id, undefined);
  for (const { id } of versions) place(id, undefined);
  return versions.flatMap(({ id }) => placed.get(id) ?? []);
}
