import { Failure } from '../../core/failure.js';
import { operatorName, shown, type GraphNode } from '../../onnx/graph.js';
import type { Tensor } from '../../onnx/tensor.js';
import { GraphValue } from './graph-value.js';
import { OperatorCall, type ForwardSetting } from './operator-call.js';
import { operatorRule } from './operators/operator-rules.js';

/**
 * Evaluates nodes in their order.
 *
 * @param values    what is known by name; the nodes' outputs are added
 * @param constants what else they take, by name
 * @throws Failure MODEL_INVALID naming the node whose inputs or attributes its rule does not cover
 */
export function evaluateNodes(
  nodes: readonly GraphNode[],
  values: Map<string, GraphValue>,
  constants: ReadonlyMap<string, Tensor>,
  setting: ForwardSetting,
): void {
  const valueOf = (node: GraphNode, input: number, name: string): GraphValue | undefined => {
    if (name === '') return undefined;
    const variable = setting.variableName(node, input);
    if (variable !== undefined) return GraphValue.inOnnxOrder(setting.pass.variable(variable));
    const constant = constants.get(name);
    if (constant === undefined || values.has(name)) return values.get(name);
    const value = GraphValue.ofConstant(constant);
    values.set(name, value);
    return value;
  };
  for (const node of nodes) {
    const inputs = node.inputs.map((name, input) => valueOf(node, input, name));
    const results = evaluateNode(new OperatorCall(node, setting, inputs));
    node.outputs.forEach((name, index) => {
      const result = results[index];
      if (result !== undefined && name !== '') values.set(name, result);
    });
  }
}

/** Runs a node's rule; tfjs' own complaints about shapes become failures while a graph is imported. */
function evaluateNode(call: OperatorCall): readonly GraphValue[] {
  const rule = operatorRule(operatorName(call.node));
  if (rule === undefined) throw call.invalid('has no rule');
  try {
    const result = rule(call);
    return result instanceof GraphValue ? [result] : result;
  } catch (cause) {
    if (cause instanceof Failure || !call.setting.isImport) throw cause;
    throw call.invalid(
      `cannot be evaluated: ${shown(cause instanceof Error ? cause.message : String(cause))}`,
      cause,
    );
  }
}
