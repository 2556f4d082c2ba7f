import {
  backend_util as backendUtil,
  slice_util as sliceUtil,
  util,
  type ReverseAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  type TensorInfo,
  type UnpackAttrs,
} from '@tensorflow/tfjs';

import type { GraphBuilder } from '../graph/graph-builder.js';
import { reshapeValue, type TracedValue } from '../graph/traced-value.js';
import { gatherPosition } from './indexing.js';
import type { Inputs, KernelRules } from './kernel-rule.js';

/** The positions `start`, `start + step`, ... up to and without `end` along one axis. */
interface AxisRange {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Takes a range along each logical axis. */
function sliceRanges(graph: GraphBuilder, x: TracedValue, ranges: readonly AxisRange[]): TracedValue {
  const shape = ranges.map(({ start, end, step }) => Math.max(0, Math.ceil((end - start) / step)));
  const axes = shape.flatMap((_, axis) => (isWholeAxis(x, axis, ranges[axis]) ? [] : [axis]));
  // Axes taken whole, the batch among them, are left out, so that the slice fits any extent of theirs.
  if (axes.length === 0) return x;
  const sliced = axes.map((axis) => ranges[axis] ?? { start: 0, end: 0, step: 1 });
  const name = graph.slice(x.name, {
    axes: axes.map((axis) => x.order.indexOf(axis)),
    starts: sliced.map(({ start }) => start),
    // A range that runs backwards to position 0 ends before it; as an ONNX index, -1 would be the last one.
    ends: sliced.map(({ end }, index) => (end < 0 ? -1 - (x.shape[axes[index] ?? 0] ?? 0) : end)),
    steps: sliced.map(({ step }) => step),
  });
  return { ...x, name, shape };
}

function isWholeAxis(x: TracedValue, axis: number, range: AxisRange | undefined): boolean {
  return range?.start === 0 && range.step === 1 && range.end === x.shape[axis];
}

/** tfjs' shape functions want its own kind of tensor but read only the shape. */
function shapeOnly(x: TracedValue): TensorInfo {
  return { dataId: {}, shape: [...x.shape], dtype: x.elementType };
}

function slice(graph: GraphBuilder, x: TracedValue, { begin, size }: SliceAttrs): TracedValue {
  const [starts = [], sizes = []] = sliceUtil.parseSliceParams(shapeOnly(x), begin, size);
  const ranges = starts.map((start, axis) => ({ start, end: start + (sizes[axis] ?? 0), step: 1 }));
  return sliceRanges(graph, x, ranges);
}

function stridedSlice(graph: GraphBuilder, x: TracedValue, attributes: StridedSliceAttrs): TracedValue {
  const { begin, end, strides, finalShape } = sliceUtil.sliceInfo(
    [...x.shape],
    attributes.begin,
    attributes.end,
    attributes.strides,
    attributes.beginMask,
    attributes.endMask,
    attributes.ellipsisMask,
    attributes.newAxisMask,
    attributes.shrinkAxisMask,
  );
  const ranges = begin.map((start, axis) => ({ start, end: end[axis] ?? 0, step: strides[axis] ?? 1 }));
  return reshapeValue(graph, sliceRanges(graph, x, ranges), finalShape);
}

function split(graph: GraphBuilder, x: TracedValue, { numOrSizeSplits, axis }: SplitVAttrs): TracedValue[] {
  const [logicalAxis = 0] = util.parseAxisParam(axis, [...x.shape]);
  // prepareSplitSize reads the shape only; it is typed for tensors.
  const tensor = shapeOnly(x) as Parameters<typeof backendUtil.prepareSplitSize>[0];
  const sizes = backendUtil.prepareSplitSize(tensor, numOrSizeSplits, logicalAxis);
  const attributes = { axis: x.order.indexOf(logicalAxis) };
  const names = graph.multiOutputNode('Split', [x.name, graph.integers(sizes)], sizes.length, attributes);
  return names.map((name, index) => ({ ...x, name, shape: x.shape.with(logicalAxis, sizes[index] ?? 0) }));
}

function unpack(graph: GraphBuilder, value: TracedValue, { axis }: UnpackAttrs): TracedValue[] {
  const [logicalAxis = 0] = util.parseAxisParam(axis, [...value.shape]);
  const count = value.shape[logicalAxis] ?? 0;
  return Array.from({ length: count }, (_, position) => gatherPosition(graph, value, logicalAxis, position));
}

function reverse(graph: GraphBuilder, x: TracedValue, { dims }: ReverseAttrs): TracedValue {
  const axes = util.parseAxisParam(dims, [...x.shape]);
  const ranges = x.shape.map((extent, axis) =>
    axes.includes(axis) ? { start: extent - 1, end: -1, step: -1 } : { start: 0, end: extent, step: 1 },
  );
  return sliceRanges(graph, x, ranges);
}

export const SLICING_RULES: KernelRules = {
  Slice: ({ x }: Inputs<'x'>, attributes: SliceAttrs, graph) => slice(graph, x, attributes),
  StridedSlice: ({ x }: Inputs<'x'>, attributes: StridedSliceAttrs, graph) =>
    stridedSlice(graph, x, attributes),
  SplitV: ({ x }: Inputs<'x'>, attributes: SplitVAttrs, graph) => split(graph, x, attributes),
  Unpack: ({ value }: Inputs<'value'>, attributes: UnpackAttrs, graph) => unpack(graph, value, attributes),
  Reverse: ({ x }: Inputs<'x'>, attributes: ReverseAttrs, graph) => reverse(graph, x, attributes),
};
