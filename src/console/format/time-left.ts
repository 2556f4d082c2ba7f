/** How far something was, and when. */
export interface Standing {
  readonly done: number;
  readonly atMs: number;
}

/** What was seen for less says little. */
const leastSeenMs = 3_000;

/**
 * How long something goes on if it stays as fast as it was from one moment to the other.
 * @param total how much there is to do; 0 where that is not known
 * @returns milliseconds; undefined where too little was seen to say
 */
export function timeLeftMs(from: Standing, to: Standing, total: number): number | undefined {
  const [seenMs, done] = [to.atMs - from.atMs, to.done - from.done];
  if (total === 0 || done <= 0 || seenMs < leastSeenMs) return undefined;
  return (seenMs / done) * Math.max(0, total - to.done);
}
