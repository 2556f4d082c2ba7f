import * as tf from '@tensorflow/tfjs';

import { combineElements, type GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRule, OperatorRules } from '../operator-call.js';

function unary(run: (x: tf.Tensor) => tf.Tensor): OperatorRule {
  return (call) => call.input(0).map(run);
}

/** Operands that broadcast against each other; also more than two, where ONNX takes any number. */
function combined(run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): OperatorRule {
  return (call) => call.allInputs().reduce((a, b) => pair(call, a, b, run));
}

function binary(run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): OperatorRule {
  return (call) => pair(call, call.input(0), call.input(1), run);
}

function pair(
  call: OperatorCall,
  a: GraphValue,
  b: GraphValue,
  run: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): GraphValue {
  call.willCompute(tf.backend_util.assertAndGetBroadcastShape(a.shape, b.shape));
  return combineElements([a, b], (first, second) => run(first, second));
}

/** x where positive, else a slope times x; the slopes broadcast to x. */
const prelu = binary((x, slopes) => tf.prelu(x, slopes));

/** Bounds are attributes up to operator set 10, inputs from 11; either may be left out. */
function clip(call: OperatorCall): GraphValue {
  const bound = (index: number, attribute: string, open: number): number => {
    const value = call.optionalInput(index);
    return value === undefined ? call.float(attribute, open) : call.readNumber(value);
  };
  const low = bound(1, 'min', -Infinity);
  const high = bound(2, 'max', Infinity);
  return call.input(0).map((x) => {
    if (Number.isFinite(low) && Number.isFinite(high) && low <= high) return tf.clipByValue(x, low, high);
    const raised = low === -Infinity ? x : tf.maximum(x, tf.scalar(low, x.dtype));
    return high === Infinity ? raised : tf.minimum(raised, tf.scalar(high, x.dtype));
  });
}

function hardSigmoid(x: tf.Tensor, alpha: number, beta: number): tf.Tensor {
  return tf.clipByValue(tf.add(tf.mul(x, alpha), beta), 0, 1);
}

export const ELEMENTWISE_RULES: OperatorRules = {
  Abs: unary(tf.abs),
  Add: binary(tf.add),
  Clip: clip,
  Div: binary(tf.div),
  Elu: (call) => {
    const alpha = call.float('alpha', 1);
    if (alpha !== 1) throw call.unsupported('alpha', alpha);
    return call.input(0).map(tf.elu);
  },
  Erf: unary(tf.erf),
  Exp: unary(tf.exp),
  HardSigmoid: (call) => {
    const [alpha, beta] = [call.float('alpha', 0.2), call.float('beta', 0.5)];
    return call.input(0).map((x) => hardSigmoid(x, alpha, beta));
  },
  HardSwish: unary((x) => tf.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  LeakyRelu: (call) => {
    const alpha = call.float('alpha', 0.01);
    return call.input(0).map((x) => tf.leakyRelu(x, alpha));
  },
  Max: combined(tf.maximum),
  Min: combined(tf.minimum),
  Mul: binary(tf.mul),
  Neg: unary(tf.neg),
  PRelu: prelu,
  Pow: binary(tf.pow),
  Reciprocal: unary(tf.reciprocal),
  Relu: unary(tf.relu),
  Sigmoid: unary(tf.sigmoid),
  Softplus: unary(tf.softplus),
  Sqrt: unary(tf.sqrt),
  Sub: binary(tf.sub),
  Sum: combined(tf.add),
  Tanh: unary(tf.tanh),
};
