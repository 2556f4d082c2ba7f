import type { ElementType, Tensor } from './tensor.js';

/** What a node is set to by name: an integer, integers or a text; the rest is wrapped to tell it from these. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

export type AttributeValue =
  | number
  | readonly number[]
  | string
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly tensor: Tensor }
  /** What is run again and again or not at all, as by `Loop`; it is written, and read as `encoded`. */
  | { readonly graph: Graph }
  /** Of a kind that nothing here looks into (graphs, types, sparse tensors, several texts): as the file has it. */
  | { readonly encoded: Uint8Array };

export interface GraphNode {
  /** May be empty. */
  readonly name: string;
  /** Such as `Conv`. */
  readonly operator: string;
  /** The operator's set: '' for ONNX's own. */
  readonly domain: string;
  /** Names of values; an optional one that is left out is empty. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

/** A known extent, or the name of one that is only known at run time, which may be empty. */
export type Dimension = number | string;

/** What a graph says of one of its inputs or outputs. */
export interface ValueInfo {
  readonly name: string;
  /** Left out where it is not said, or is none of a {@link Tensor}. */
  readonly elementType?: ElementType;
  /** Left out where not even the number of axes is said. */
  readonly dims?: readonly Dimension[];
}

/** A data-flow graph of ONNX operators: every value has one producer, and nodes come after those whose values they take. */
export interface Graph {
  readonly name: string;
  readonly nodes: readonly GraphNode[];
  /** Tensors by the name of the value that they are: ONNX's initialisers. */
  readonly constants: ReadonlyMap<string, Tensor>;
  /** Those that have a constant, too, may be left out when the graph is run: see {@link requiredInputs}. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
}

/** What an ONNX file holds. */
export interface OnnxModel {
  /** Version of the file's format. */
  readonly irVersion: number;
  readonly producerName?: string;
  /** Versions of the operators by their domain, '' for ONNX's own. */
  readonly operatorSets: ReadonlyMap<string, number>;
  readonly graph: Graph;
}

/** The inputs that must be given. (Up to version 3 of the format every constant is an input as well.) */
export function requiredInputs({ inputs, constants }: Graph): readonly ValueInfo[] {
  return inputs.filter(({ name }) => !constants.has(name));
}

/** The value's extents; undefined where they are only known at run time. */
export function knownExtents({ dims = [] }: ValueInfo): readonly (number | undefined)[] {
  return dims.map((extent) => (typeof extent === 'number' ? extent : undefined));
}

/** `Conv`; of another set than ONNX's own, with its domain: `com.microsoft.FusedConv`. */
export function operatorName({ operator, domain }: GraphNode): string {
  return domain === '' ? operator : `${domain}.${operator}`;
}

/** How messages call a node. */
export function describeNode(node: GraphNode): string {
  const { name, outputs } = node;
  const which = name === '' ? `node that computes ${shown(outputs[0] ?? 'nothing')}` : `node ${shown(name)}`;
  return `${shown(operatorName(node))} (${which})`;
}

const MAXIMUM_SHOWN_CHARACTERS = 120;

/** What a file says, as messages quote it: short, and without characters that steer a terminal. */
export function shown(text: string): string {
  const start = text.slice(0, MAXIMUM_SHOWN_CHARACTERS).replace(/\p{C}/gu, '\uFFFD');
  return text.length > MAXIMUM_SHOWN_CHARACTERS ? `${start}...` : start;
}
