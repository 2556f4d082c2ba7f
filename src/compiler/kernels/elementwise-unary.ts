import type { GraphBuilder } from '../graph/graph-builder.js';
import type { TracedValue } from '../graph/traced-value.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';
import { combine, combineWithNumber, mapElements } from './operators.js';

/** Kernels that are one ONNX operator, and keep their operand's element type. */
const SAME_TYPE_OPERATORS: Readonly<Record<string, string>> = {
  Abs: 'Abs',
  Acos: 'Acos',
  Acosh: 'Acosh',
  Asin: 'Asin',
  Asinh: 'Asinh',
  Atan: 'Atan',
  Atanh: 'Atanh',
  Ceil: 'Ceil',
  Cos: 'Cos',
  Cosh: 'Cosh',
  Erf: 'Erf',
  Exp: 'Exp',
  Floor: 'Floor',
  Log: 'Log',
  Neg: 'Neg',
  Reciprocal: 'Reciprocal',
  Round: 'Round',
  Sign: 'Sign',
  Sin: 'Sin',
  Sinh: 'Sinh',
  Sqrt: 'Sqrt',
  Tan: 'Tan',
};

function unary(compile: (graph: GraphBuilder, x: TracedValue) => TracedValue): KernelRule {
  return ({ x }: Inputs<'x'>, _, graph) => compile(graph, x);
}

/** ln(1 + x) without losing a small x to rounding: x ln(u) / (u - 1) with u = 1 + x rounded (Kahan). */
function log1p(graph: GraphBuilder, x: TracedValue): TracedValue {
  const u = combineWithNumber(graph, 'Add', x, 1);
  const roundedX = combineWithNumber(graph, 'Sub', u, 1);
  const correction = combine(graph, 'Div', [x, roundedX]);
  const corrected = combine(graph, 'Mul', [mapElements(graph, 'Log', u), correction]);
  const isLost = combineWithNumber(graph, 'Equal', roundedX, 0);
  const isInfinite = mapElements(graph, 'IsInf', x);
  const keepsX = combine(graph, 'Or', [isLost, isInfinite]);
  return { ...x, name: graph.node('Where', [keepsX.name, x.name, corrected.name]) };
}

/** exp(x) - 1 = tanh(x / 2) (exp(x) + 1), which does not cancel for a small x. */
function expm1(graph: GraphBuilder, x: TracedValue): TracedValue {
  const tanh = mapElements(graph, 'Tanh', combineWithNumber(graph, 'Mul', x, 0.5));
  const sum = combineWithNumber(graph, 'Add', mapElements(graph, 'Exp', x), 1);
  return combine(graph, 'Mul', [tanh, sum]);
}

function isFinite(graph: GraphBuilder, x: TracedValue): TracedValue {
  const isNan = mapElements(graph, 'IsNaN', x, {}, 'bool');
  const isInfinite = mapElements(graph, 'IsInf', x, {}, 'bool');
  return mapElements(graph, 'Not', combine(graph, 'Or', [isNan, isInfinite]));
}

export const UNARY_RULES: KernelRules = {
  ...Object.fromEntries(
    Object.entries(SAME_TYPE_OPERATORS).map(([kernelName, opType]) => [
      kernelName,
      unary((graph, x) => mapElements(graph, opType, x)),
    ]),
  ),
  Square: unary((graph, x) => combine(graph, 'Mul', [x, x])),
  Rsqrt: unary((graph, x) => mapElements(graph, 'Reciprocal', mapElements(graph, 'Sqrt', x))),
  Log1p: unary(log1p),
  Expm1: unary(expm1),
  LogicalNot: unary((graph, x) => mapElements(graph, 'Not', x)),
  IsNan: unary((graph, x) => mapElements(graph, 'IsNaN', x, {}, 'bool')),
  IsInf: unary((graph, x) => mapElements(graph, 'IsInf', x, {}, 'bool')),
  IsFinite: unary(isFinite),
};
