import * as tf from '@tensorflow/tfjs';

import { gatherPositions } from '../../operations/gather-positions.js';
import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';

/** Slice: along each of the axes from `start` in steps to before `end`, both counted from the end where negative. */
function slice(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const starts = call.integersOf(1, 'starts');
  const ends = call.integersOf(2, 'ends');
  if (starts === undefined || ends?.length !== starts.length) throw call.invalid('lacks its starts and ends');
  const axes = call.integersOf(3, 'axes') ?? starts.map((_, axis) => axis);
  const steps = call.integersOf(4, 'steps') ?? starts.map(() => 1);
  return starts.reduce((value, start, index) => {
    const axis = value.storedAxis(axes[index] ?? 0);
    const extent = value.stored.shape[axis] ?? 0;
    const step = steps[index] ?? 1;
    if (step === 0) throw call.unsupported('steps', steps);
    return value.map((stored) => taken(stored, axis, positions(extent, start, ends[index] ?? 0, step)));
  }, x);
}

interface Positions {
  readonly start: number;
  readonly count: number;
  readonly step: number;
}

/** ONNX's clamping: forwards to 0..extent, backwards to -1..extent - 1. */
function positions(extent: number, start: number, end: number, step: number): Positions {
  const [lowest, highest] = step > 0 ? [0, extent] : [-1, extent - 1];
  const clamp = (position: number): number =>
    Math.min(highest, Math.max(lowest, position < 0 ? position + extent : position));
  const first = Math.min(Math.max(start < 0 ? start + extent : start, 0), step > 0 ? extent : extent - 1);
  const count = Math.max(0, Math.ceil((clamp(end) - first) / step));
  // The step over nothing may be of any length.
  return { start: first, count, step: count > 1 ? step : 1 };
}

/**
 * Takes positions of an axis by operations that have gradients and rules; tfjs' strided slice has no gradient.
 */
function taken(x: tf.Tensor, axis: number, { start, count, step }: Positions): tf.Tensor {
  const extent = x.shape[axis] ?? 0;
  if (step === 1 && start === 0 && count === extent) return x;
  if (step < 0) return taken(tf.reverse(x, axis), axis, { start: extent - 1 - start, count, step: -step });
  const length = step === 1 ? count : Math.min(extent - start, count * step);
  const begin = x.shape.map((_, index) => (index === axis ? start : 0));
  const whole = tf.slice(x, begin, x.shape.with(axis, length));
  if (step === 1 || count === 0)
    return count === 0
      ? tf.slice(
          whole,
          x.shape.map(() => 0),
          x.shape.with(axis, 0),
        )
      : whole;
  const missing = count * step - length;
  const padded =
    missing === 0
      ? whole
      : tf.pad(
          whole,
          x.shape.map((_, index) => [0, index === axis ? missing : 0]),
        );
  // [..., count, step, ...], of which the first of each step is wanted.
  const strided = tf.reshape(padded, x.shape.toSpliced(axis, 1, count, step));
  const first = tf.slice(
    strided,
    strided.shape.map(() => 0),
    strided.shape.with(axis + 1, 1),
  );
  return tf.reshape(first, x.shape.with(axis, count));
}

/** Gather: the positions along an axis that a tensor of any rank lists. */
function gather(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const indices = call.input(1);
  const axis = call.integer('axis', 0);
  const counted = axis < 0 ? axis + x.rank : axis;
  const extent = x.shape[counted];
  if (extent === undefined) throw call.unsupported('axis', axis);
  const places = call.read(indices).map((index) => (index < 0 ? index + extent : index));
  if (places.some((place) => !(place >= 0 && place < extent)))
    throw call.invalid(`takes what is not among ${extent}`);
  const shape = x.shape.toSpliced(counted, 1, ...indices.shape);
  call.willCompute(shape);
  const gathered = x.map((stored) => gatherPositions(stored, places, x.storedAxis(axis)));
  if (indices.rank === 1) return gathered;
  return GraphValue.inOnnxOrder(tf.reshape(gathered.inOnnxOrder(), shape));
}

/** Pad with a constant; a negative count cuts off. */
function pad(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const mode = call.text('mode', 'constant');
  if (mode !== 'constant') throw call.unsupported('mode', mode);
  const counts = call.integersOf(1, 'pads') ?? call.integers('paddings');
  const fill = call.optionalInput(2);
  const value = fill === undefined ? call.float('value', 0) : call.readNumber(fill);
  const given = call.optionalInput(3);
  const axes = given === undefined ? x.shape.map((_, axis) => axis) : call.read(given);
  if (counts?.length !== 2 * axes.length) throw call.unsupported('pads', counts);
  const paddings = x.stored.shape.map((): [number, number] => [0, 0]);
  axes.forEach((axis, index) => {
    paddings[x.storedAxis(axis)] = [counts[index] ?? 0, counts[index + axes.length] ?? 0];
  });
  call.willCompute(
    x.stored.shape.map((extent, axis) => extent + (paddings[axis] ?? []).reduce((a, b) => a + b, 0)),
  );
  return x.map((stored) => padded(stored, paddings, value));
}

function padded(x: tf.Tensor, paddings: readonly [number, number][], value: number): tf.Tensor {
  const cut = paddings.map(([before, after]) => [Math.max(0, -before), Math.max(0, -after)] as const);
  const begin = cut.map(([before]) => before);
  const size = x.shape.map((extent, axis) => extent - (cut[axis]?.[0] ?? 0) - (cut[axis]?.[1] ?? 0));
  const isCut = cut.some(([before, after]) => before + after > 0);
  const kept = isCut ? tf.slice(x, begin, size) : x;
  const added = paddings.map(([before, after]): [number, number] => [
    Math.max(0, before),
    Math.max(0, after),
  ]);
  return added.every(([before, after]) => before + after === 0) ? kept : tf.pad(kept, added, value);
}

export const SLICING_RULES: OperatorRules = { Gather: gather, Pad: pad, Slice: slice };
