import * as tf from '@tensorflow/tfjs';

import { GraphValue } from '../graph-value.js';
import { tensorOf, type Tensor } from '../../../onnx/tensor.js';
import type { AttributeValue } from '../../../onnx/graph.js';
import { evaluable, evaluableType } from '../evaluable-tensor.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';

/** Shape: the extents as numbers, which do not depend on what the images show. */
function shape(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const end = call.integer('end', x.rank);
  return GraphValue.inOnnxOrder(tf.tensor1d(x.shape.slice(call.integer('start', 0), end), 'int32'));
}

function cast(call: OperatorCall): GraphValue {
  const dataType = call.integer('to', 1);
  const elementType = evaluableType(dataType);
  if (elementType === undefined) throw call.unsupported('to', dataType);
  return call.input(0).map((x) => tf.cast(x, elementType));
}

/** Constant: a tensor or numbers, in whichever attribute. */
function constant(call: OperatorCall): GraphValue {
  const [tensor] = Object.values(call.node.attributes).flatMap((value) => tensorIn(value) ?? []);
  if (tensor === undefined) throw call.invalid('has no numbers');
  return GraphValue.ofConstant(tensor);
}

/** What an attribute gives as a value; undefined for texts, graphs and sparse tensors. */
function tensorIn(value: AttributeValue | undefined): Tensor | undefined {
  if (value === undefined || typeof value === 'string') return undefined;
  if (typeof value === 'number') return tensorOf([value], [], 'int64');
  if ('tensor' in value) return value.tensor;
  if ('float' in value) return tensorOf([value.float], [], 'float32');
  if ('floats' in value) return tensorOf(value.floats, [value.floats.length], 'float32');
  return 'encoded' in value || 'graph' in value ? undefined : tensorOf(value, [value.length], 'int64');
}

function constantOfShape(call: OperatorCall): GraphValue {
  const extents = call.read(call.input(0));
  if (extents.some((extent) => extent < 0)) throw call.unsupported('shape', extents);
  call.willCompute(extents);
  const tensor = tensorIn(call.attribute('value')) ?? tensorOf([0], [1], 'float32');
  const { elements, elementType } = evaluable(tensor);
  return GraphValue.inOnnxOrder(tf.fill(extents, elements[0] ?? 0, elementType));
}

export const SHAPE_VALUE_RULES: OperatorRules = {
  Cast: cast,
  Constant: constant,
  ConstantOfShape: constantOfShape,
  Shape: shape,
};
