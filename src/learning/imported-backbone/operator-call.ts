import type * as tf from '@tensorflow/tfjs';

import { Failure } from '../../core/failure.js';
import type { Evaluation } from '../layers/evaluation.js';
import type { GraphValue } from './graph-value.js';
import { describeNode, shown, type GraphAttribute, type GraphNode } from '../../onnx/onnx-graph.js';

/** What all nodes of one evaluation share. */
export interface EvaluationSetting {
  /** Whether the graph is being looked at for the first time, when whatever does not fit is its fault. */
  readonly isImport: boolean;
  readonly evaluation: Evaluation;
  /** B, images in the batch; undefined while constants are computed. */
  readonly batchSize: number | undefined;
  /** What the file fixes the batch to, where it does; shapes written into the graph then contain it. */
  readonly declaredBatchSize: number | undefined;
  /** Name of the variable that an input of a node is, if it is one. */
  readonly variableName: (node: GraphNode, input: number) => string | undefined;
  /** Counts the work, and refuses too much of it while a graph is imported. */
  readonly effort: Effort;
}

export interface Effort {
  /** Called before a value of this shape is computed. */
  readonly value: (shape: readonly number[]) => void;
  /** Products of an activation and a weight, of one image. */
  readonly multiplyAdds: (count: number) => void;
}

/** Lists that decide on shapes have a number for each axis, or position along one. */
const MAXIMUM_LIST = 2 ** 16;

/** One node to evaluate: its inputs, and its attributes with their defaults. */
export class OperatorCall {
  constructor(
    readonly node: GraphNode,
    readonly setting: EvaluationSetting,
    private readonly inputs: readonly (GraphValue | undefined)[],
  ) {}

  get inputCount(): number {
    return this.inputs.length;
  }

  /** @throws Failure MODEL_INVALID where it is left out */
  input(index: number): GraphValue {
    const value = this.inputs[index];
    if (value === undefined) throw this.invalid(`lacks its input ${index}`);
    return value;
  }

  optionalInput(index: number): GraphValue | undefined {
    return this.inputs[index];
  }

  /** Inputs that were not left out. */
  allInputs(): GraphValue[] {
    return this.inputs.filter((value) => value !== undefined);
  }

  integer(name: string, fallback: number): number {
    const attribute = this.#attribute(name, 'integer');
    return attribute === undefined ? fallback : attribute.value;
  }

  float(name: string, fallback: number): number {
    const attribute = this.#attribute(name, 'float');
    return attribute === undefined ? fallback : attribute.value;
  }

  text(name: string, fallback: string): string {
    const attribute = this.#attribute(name, 'text');
    return attribute === undefined ? fallback : attribute.value;
  }

  integers(name: string): readonly number[] | undefined {
    return this.#attribute(name, 'integers')?.value;
  }

  attribute(name: string): GraphAttribute | undefined {
    return this.node.attributes.get(name);
  }

  /** Numbers that older operator sets take as an attribute and newer ones as an input. */
  integersOf(input: number, attribute: string): readonly number[] | undefined {
    const value = this.optionalInput(input);
    return value === undefined ? this.integers(attribute) : this.read(value);
  }

  /** The numbers of a value that does not depend on the images. */
  read(value: GraphValue): number[] {
    if (value.stored.size > MAXIMUM_LIST) throw this.invalid(`takes ${value.stored.size} numbers as a list`);
    return Array.from(value.inOnnxOrder().dataSync());
  }

  /** The same, of one element. */
  readNumber(value: GraphValue): number {
    const [number, ...others] = this.read(value);
    if (number === undefined || others.length > 0)
      throw this.invalid('takes a single number where it has a list');
    return number;
  }

  willCompute(shape: readonly number[]): void {
    this.setting.effort.value(shape);
  }

  /** The variable that an input is, as a tensor of it would be found in the evaluation. */
  variableName(input: number): string | undefined {
    return this.setting.variableName(this.node, input);
  }

  invalid(problem: string, cause?: unknown): Failure {
    const metadata = { operator: shown(this.node.operator), node: shown(this.node.name) };
    return new Failure('MODEL_INVALID', `${describeNode(this.node)} ${problem}`, metadata, [], { cause });
  }

  /** For an attribute whose value the rule does not cover. */
  unsupported(attribute: string, value: unknown): Failure {
    return this.invalid(`cannot be trained with ${attribute} = ${shown(JSON.stringify(value))}`);
  }

  #attribute<K extends GraphAttribute['kind']>(
    name: string,
    kind: K,
  ): Extract<GraphAttribute, { kind: K }> | undefined {
    const attribute = this.node.attributes.get(name);
    if (attribute === undefined) return undefined;
    if (attribute.kind !== kind) throw this.invalid(`has an attribute ${name} that is no ${kind}`);
    return attribute as Extract<GraphAttribute, { kind: K }>;
  }
}

/** Computes a node's outputs, of which trailing ones may be left out. */
export type OperatorRule = (call: OperatorCall) => GraphValue | readonly GraphValue[];

export type OperatorRules = Readonly<Record<string, OperatorRule>>;

/** The element types of ONNX's numbers for them, as the graph is evaluated with. */
export function elementTypeOf(dataType: number): tf.DataType | undefined {
  if (dataType === 1 || dataType === 10 || dataType === 11) return 'float32';
  if (dataType === 6 || dataType === 7) return 'int32';
  return dataType === 9 ? 'bool' : undefined;
}
