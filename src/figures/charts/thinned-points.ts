interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * No more points than can be told apart: of each column of two pixels the first, the lowest, the highest and the last,
 * so that no peak is lost.
 * @param points by x, least first
 * @param width of the drawing, CSS pixels
 */
export function thinned<P extends Point>(points: readonly P[], width: number): readonly P[] {
  const columns = Math.max(1, Math.floor(width / 2));
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined || points.length <= 4 * columns) return points;
  const columnOf = ({ x }: P): number =>
    Math.min(columns - 1, Math.floor(((x - first.x) / (last.x - first.x || 1)) * columns));
  const kept: P[] = [];
  let column: P[] = [];
  for (const point of points) {
    if (column[0] !== undefined && columnOf(column[0]) !== columnOf(point)) {
      kept.push(...outline(column));
      column = [];
    }
    column.push(point);
  }
  return [...kept, ...outline(column)];
}

/** The first, the lowest, the highest and the last point, each once, in their order. */
function outline<P extends Point>(points: readonly P[]): readonly P[] {
  const lowest = points.reduce((least, point) => (point.y < least.y ? point : least));
  const highest = points.reduce((most, point) => (point.y > most.y ? point : most));
  const wanted = new Set([points[0], lowest, highest, points.at(-1)]);
  return points.filter((point) => wanted.has(point));
}
