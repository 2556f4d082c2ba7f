/**
 * The order in which the axes of a tensor lie in memory: physical axis `p` holds logical axis
 * `order[p]`. tfjs sees logical axes (batch, height, width, channels); a value in the order
 * [0, 3, 1, 2] is stored channels-first, as ONNX convolutions want it.
 */
export type AxisOrder = readonly number[];

export const CHANNELS_FIRST: AxisOrder = [0, 3, 1, 2];

export function rowMajorOrder(rank: number): AxisOrder {
  return Array.from({ length: rank }, (_, axis) => axis);
}

export function sameOrder(a: AxisOrder, b: AxisOrder): boolean {
  return a.length === b.length && a.every((axis, position) => axis === b[position]);
}

export function isRowMajor(order: AxisOrder): boolean {
  return order.every((axis, position) => axis === position);
}

/** Lists the entries of a per-logical-axis list in physical order. */
export function inPhysicalOrder<T>(perAxis: readonly T[], order: AxisOrder): T[] {
  return order.map((axis) => {
    const entry = perAxis[axis];
    if (entry === undefined) throw new RangeError(`no entry for axis ${axis}`);
    return entry;
  });
}

/** The order without the axes of extent 1, which hold no memory and so may lie anywhere. */
export function withoutUnitAxes(order: AxisOrder, shape: readonly number[]): AxisOrder {
  return order.filter((axis) => shape[axis] !== 1);
}

/** The order left when some logical axes are dropped and the rest renumbered. */
export function dropAxes(order: AxisOrder, dropped: readonly number[]): AxisOrder {
  return order
    .filter((axis) => !dropped.includes(axis))
    .map((axis) => axis - dropped.filter((droppedAxis) => droppedAxis < axis).length);
}

/** The order of a tensor to which `count` axes of extent 1 were prepended. */
export function prependAxes(order: AxisOrder, count: number): AxisOrder {
  return [...rowMajorOrder(count), ...order.map((axis) => axis + count)];
}

/**
 * The order in which a reshape can be done without moving an element, or undefined when the axes it
 * joins are not adjacent in memory.
 *
 * A reshape joins or splits runs of neighbouring logical axes. It keeps the elements in place when each
 * such run is also a run in memory; then the run's new axes take its place.
 */
export function orderAfterReshape(
  shape: readonly number[],
  order: AxisOrder,
  newShape: readonly number[],
): AxisOrder | undefined {
  if (isRowMajor(order)) return rowMajorOrder(newShape.length);
  if (shape.includes(0)) return undefined;
  const physical = withoutUnitAxes(order, shape);
  const runs = matchingRuns(shape, newShape);
  const result: number[] = [];
  for (let position = 0; position < physical.length;) {
    const run = runs.find(({ before }) => before[0] === physical[position]);
    if (run === undefined) return undefined;
    if (!run.before.every((axis, index) => physical[position + index] === axis)) return undefined;
    result.push(...run.after);
    position += run.before.length;
  }
  return withUnitAxes(result, newShape);
}

/**
 * An order from which a reshape can be done in place and that moves no more than it must: axes that the reshape joins
 * are brought together where the first of them lies, and the rest keep their places. (A channel shuffle, for one,
 * stays channels-first.)
 */
export function orderBeforeReshape(
  shape: readonly number[],
  order: AxisOrder,
  newShape: readonly number[],
): AxisOrder {
  if (shape.includes(0)) return rowMajorOrder(shape.length);
  const place = ({ before }: ReshapeRun): number => Math.min(...before.map((axis) => order.indexOf(axis)));
  const runs = matchingRuns(shape, newShape).sort((a, b) => place(a) - place(b));
  return withUnitAxes(
    runs.flatMap(({ before }) => before),
    shape,
  );
}

interface ReshapeRun {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Splits a reshape into the shortest runs of axes, in logical order, that hold equally many elements. */
function matchingRuns(shape: readonly number[], newShape: readonly number[]): ReshapeRun[] {
  const sources = withoutUnitAxes(rowMajorOrder(shape.length), shape);
  const targets = withoutUnitAxes(rowMajorOrder(newShape.length), newShape);
  const runs: ReshapeRun[] = [];
  let source = 0;
  let target = 0;
  while (source < sources.length && target < targets.length) {
    const [sourceStart, targetStart] = [source, target];
    let sourceSize = shape[sources[source++] ?? 0] ?? 1;
    let targetSize = newShape[targets[target++] ?? 0] ?? 1;
    while (sourceSize !== targetSize) {
      if (sourceSize < targetSize) sourceSize *= shape[sources[source++] ?? 0] ?? 1;
      else targetSize *= newShape[targets[target++] ?? 0] ?? 1;
    }
    runs.push({ before: sources.slice(sourceStart, source), after: targets.slice(targetStart, target) });
  }
  return runs;
}

function withUnitAxes(order: readonly number[], shape: readonly number[]): AxisOrder {
  const result = [...order];
  shape.forEach((extent, axis) => {
    if (extent === 1) result.splice(result.indexOf(axis - 1) + 1, 0, axis);
  });
  return result;
}
