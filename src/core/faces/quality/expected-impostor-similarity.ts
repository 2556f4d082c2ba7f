/** How a face looks as far as that makes strangers alike; numbers that mean something only together with another face's. */
export type FaceAppearance = readonly number[];

/**
 * How alike two strangers are who look as these two faces do: the cosine similarity that fewer than one in a hundred such pairs reach under the
 * default backbone, about 0.3 for sharp frontal faces and up to 1 where nothing but a blur is left. What makes faces alike (blur,
 * darkness, a mask, a turned head) does so only if both have it, so the numbers of both are multiplied.
 * @throws RangeError where the two were not described by the same network
 */
export function expectedImpostorSimilarity(a: FaceAppearance, b: FaceAppearance): number {
  if (a.length !== b.length) {
    throw new RangeError(`appearances of ${a.length} and ${b.length} numbers cannot be compared`);
  }
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);
}
