import type { GraphBuilder } from '../graph/graph-builder.js';
import { reshapeValue, type TracedValue } from '../graph/traced-value.js';
import { castTo } from './conversion.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';
import { combine, combineWithNumber, mapElements } from './operators.js';

/** Kernels that are one ONNX operator on operands of one element type, which is also the result's. */
const ARITHMETIC_OPERATORS: Readonly<Record<string, string>> = {
  Add: 'Add',
  Sub: 'Sub',
  Multiply: 'Mul',
  RealDiv: 'Div',
  Maximum: 'Max',
  Minimum: 'Min',
  Pow: 'Pow',
};

/** Kernels that are one ONNX operator with a boolean result. */
const RELATION_OPERATORS: Readonly<Record<string, string>> = {
  Equal: 'Equal',
  Greater: 'Greater',
  GreaterEqual: 'GreaterOrEqual',
  Less: 'Less',
  LessEqual: 'LessOrEqual',
  LogicalAnd: 'And',
  LogicalOr: 'Or',
  LogicalXor: 'Xor',
};

function binary(compile: (graph: GraphBuilder, a: TracedValue, b: TracedValue) => TracedValue): KernelRule {
  return ({ a, b }: Inputs<'a' | 'b'>, _, graph) => compile(graph, a, b);
}

function operatorRules(
  operators: Readonly<Record<string, string>>,
  ruleOf: (opType: string) => KernelRule,
): KernelRules {
  return Object.fromEntries(
    Object.entries(operators).map(([kernelName, opType]) => [kernelName, ruleOf(opType)]),
  );
}

/** The remainder with the divisor's sign, as in tfjs; ONNX gives floats the dividend's sign. */
function modulo(graph: GraphBuilder, a: TracedValue, b: TracedValue): TracedValue {
  if (a.elementType !== 'float32') return combine(graph, 'Mod', [a, b]);
  const remainder = combine(graph, 'Mod', [a, b], { attributes: { fmod: 1 } });
  const isOtherSign = combineWithNumber(graph, 'Less', combine(graph, 'Mul', [remainder, b]), 0);
  const shifted = combine(graph, 'Add', [remainder, b]);
  return combine(graph, 'Where', [isOtherSign, shifted, remainder], { elementType: a.elementType });
}

/** The quotient rounded down, as an integer; ONNX rounds integer quotients towards zero. */
function floorDivide(graph: GraphBuilder, a: TracedValue, b: TracedValue): TracedValue {
  if (a.elementType === 'float32') {
    return castTo(graph, mapElements(graph, 'Floor', combine(graph, 'Div', [a, b])), 'int32');
  }
  return combine(graph, 'Div', [combine(graph, 'Sub', [a, modulo(graph, a, b)]), b]);
}

function squaredDifference(graph: GraphBuilder, a: TracedValue, b: TracedValue): TracedValue {
  const difference = combine(graph, 'Sub', [a, b]);
  return combine(graph, 'Mul', [difference, difference]);
}

/** A condition of rank 1 on values of higher rank picks whole rows: it goes with the first axis. */
function select(graph: GraphBuilder, { condition, t, e }: Inputs<'condition' | 't' | 'e'>): TracedValue {
  const rank = t.shape.length;
  const picksRows = condition.shape.length === 1 && rank > 1;
  const aligned = picksRows
    ? reshapeValue(graph, condition, [...condition.shape, ...Array.from({ length: rank - 1 }, () => 1)])
    : condition;
  return combine(graph, 'Where', [aligned, t, e], { elementType: t.elementType });
}

export const BINARY_RULES: KernelRules = {
  ...operatorRules(ARITHMETIC_OPERATORS, (opType) => binary((graph, a, b) => combine(graph, opType, [a, b]))),
  ...operatorRules(RELATION_OPERATORS, (opType) =>
    binary((graph, a, b) => combine(graph, opType, [a, b], { elementType: 'bool' })),
  ),
  NotEqual: binary((graph, a, b) =>
    mapElements(graph, 'Not', combine(graph, 'Equal', [a, b], { elementType: 'bool' })),
  ),
  Mod: binary(modulo),
  FloorDiv: binary(floorDivide),
  SquaredDifference: binary(squaredDifference),
  Select: (inputs: Inputs<'condition' | 't' | 'e'>, _, graph) => select(graph, inputs),
  AddN: (inputs: readonly TracedValue[], _, graph) =>
    inputs.reduce((sum, value) => combine(graph, 'Add', [sum, value])),
};
