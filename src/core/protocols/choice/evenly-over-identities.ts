/**
 * The faces to measure on where there are more than one has time for: one of each identity, then a second one, and so on.
 * Of more identities than half the limit the first ones are taken, so that there are pairs of one person.
 * @param labels [N] whom each face shows
 * @returns indices of at most so many faces, in ascending order
 */
export function evenlyOverIdentities(
  labels: ArrayLike<number | string>,
  faceLimit: number,
): readonly number[] {
  const facesOf = new Map<number | string, number[]>();
  for (const [face, label] of Array.from(labels).entries()) {
    const faces = facesOf.get(label) ?? [];
    faces.push(face);
    facesOf.set(label, faces);
  }
  const groups = [...facesOf.values()].slice(0, Math.max(1, Math.floor(faceLimit / 2)));
  const most = Math.max(0, ...groups.map(({ length }) => length));
  const chosen: number[] = [];
  for (let round = 0; round < most; round++) chosen.push(...groups.flatMap((faces) => faces[round] ?? []));
  return chosen.slice(0, faceLimit).sort((a, b) => a - b);
}
