import * as tf from '@tensorflow/tfjs';

import { GraphValue } from '../graph-value.js';
import { elementTypeOf, type OperatorCall, type OperatorRules } from '../operator-call.js';

/** Shape: the extents as numbers, which do not depend on what the images show. */
function shape(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const end = call.integer('end', x.rank);
  return GraphValue.inOnnxOrder(tf.tensor1d(x.shape.slice(call.integer('start', 0), end), 'int32'));
}

function cast(call: OperatorCall): GraphValue {
  const dataType = call.integer('to', 1);
  const elementType = elementTypeOf(dataType);
  if (elementType === undefined) throw call.unsupported('to', dataType);
  return call.input(0).map((x) => tf.cast(x, elementType));
}

function constantOfShape(call: OperatorCall): GraphValue {
  const extents = call.read(call.input(0));
  if (extents.some((extent) => extent < 0)) throw call.unsupported('shape', extents);
  call.willCompute(extents);
  const attribute = call.attribute('value');
  const value = attribute?.kind === 'tensor' ? attribute.value : undefined;
  return GraphValue.inOnnxOrder(tf.fill(extents, value?.values[0] ?? 0, value?.elementType ?? 'float32'));
}

export const SHAPE_VALUE_RULES: OperatorRules = {
  Cast: cast,
  ConstantOfShape: constantOfShape,
  Shape: shape,
};
