import * as tf from '@tensorflow/tfjs';

import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';

function concatenate(call: OperatorCall): GraphValue {
  const values = call.allInputs();
  const [first] = values;
  if (first === undefined) throw call.invalid('joins nothing');
  const axis = call.integer('axis', 1);
  const counted = axis < 0 ? axis + first.rank : axis;
  const joined = values.reduce((sum, { shape }) => sum + (shape[counted] ?? 0), 0);
  call.willCompute(first.shape.map((extent, position) => (position === counted ? joined : extent)));
  if (values.some((value) => value.isChannelsLast)) {
    const features = values.map((value) => value.inChannelsLast());
    return GraphValue.channelsLast(
      tf.concat(features, GraphValue.channelsLast(first.inChannelsLast()).storedAxis(axis)),
    );
  }
  return GraphValue.inOnnxOrder(
    tf.concat(
      values.map((value) => value.stored),
      first.storedAxis(axis),
    ),
  );
}

/**
 * Splits into parts of the given extents, or into as many equal ones as the node has outputs, of which the last may
 * be smaller.
 */
function split(call: OperatorCall): GraphValue[] {
  const x = call.input(0);
  const axis = x.storedAxis(call.integer('axis', 0));
  const extent = x.stored.shape[axis] ?? 0;
  const given = call.integersOf(1, 'split');
  const count = call.integer('num_outputs', call.node.outputs.length);
  if (count > call.node.outputs.length) throw call.unsupported('num_outputs', count);
  const part = Math.ceil(extent / Math.max(1, count));
  const sizes =
    given ?? Array.from({ length: count }, (_, index) => Math.max(0, Math.min(part, extent - index * part)));
  if (sizes.reduce((sum, size) => sum + size, 0) !== extent || sizes.some((size) => size < 0)) {
    throw call.invalid(`cannot split ${extent} into parts of ${sizes.length} sizes`);
  }
  return tf.split(x.stored, [...sizes], axis).map((piece) => x.map(() => piece));
}

export const JOINING_RULES: OperatorRules = { Concat: concatenate, Split: split };
