import { Failure } from '../../core/failure.js';
import type { ForwardPass } from '../layers/forward-pass.js';
import type { GraphValue } from './graph-value.js';
import { describeNode, operatorName, shown, type AttributeValue, type GraphNode } from '../../onnx/graph.js';

/** What all nodes of one pass share. */
export interface ForwardSetting {
  /** Whether the graph is being looked at for the first time, when whatever does not fit is its fault. */
  readonly isImport: boolean;
  readonly pass: ForwardPass;
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
    readonly setting: ForwardSetting,
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
    const value = this.attribute(name) ?? fallback;
    if (typeof value === 'number') return value;
    throw this.#unlike(name, 'integer');
  }

  float(name: string, fallback: number): number {
    const value = this.attribute(name) ?? { float: fallback };
    if (typeof value === 'object' && 'float' in value) return value.float;
    throw this.#unlike(name, 'float');
  }

  text(name: string, fallback: string): string {
    const value = this.attribute(name) ?? fallback;
    if (typeof value === 'string') return value;
    throw this.#unlike(name, 'text');
  }

  integers(name: string): readonly number[] | undefined {
    const value = this.attribute(name);
    if (value === undefined || isList(value)) return value;
    throw this.#unlike(name, 'integers');
  }

  attribute(name: string): AttributeValue | undefined {
    return this.node.attributes[name];
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

  /** The variable that an input is, as a tensor of it would be found in the pass. */
  variableName(input: number): string | undefined {
    return this.setting.variableName(this.node, input);
  }

  invalid(problem: string, cause?: unknown): Failure {
    const metadata = { operator: shown(operatorName(this.node)), node: shown(this.node.name) };
    return new Failure('MODEL_INVALID', `${describeNode(this.node)} ${problem}`, metadata, [], { cause });
  }

  /** The failure of an attribute whose value the rule does not cover. */
  unsupported(attribute: string, value: unknown): Failure {
    return this.invalid(`cannot be trained with ${attribute} = ${shown(JSON.stringify(value))}`);
  }

  #unlike(name: string, kind: string): Failure {
    return this.invalid(`has an attribute ${name} that is no ${kind}`);
  }
}

function isList(value: AttributeValue): value is readonly number[] {
  return Array.isArray(value);
}

/** Computes a node's outputs, of which trailing ones may be left out. */
export type OperatorRule = (call: OperatorCall) => GraphValue | readonly GraphValue[];

export type OperatorRules = Readonly<Record<string, OperatorRule>>;
