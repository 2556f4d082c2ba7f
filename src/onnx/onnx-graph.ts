/** Element types that graphs are evaluated with; the file's others are converted when it is read. */
export type GraphElementType = 'float32' | 'int32' | 'bool';

/** A tensor that a graph holds: an initialiser, or what a Constant node gives. Row-major, axes as in the file. */
export interface GraphConstant {
  readonly shape: readonly number[];
  readonly elementType: GraphElementType;
  readonly values: Float32Array | Int32Array | Uint8Array;
}

/** What a node is set to; `other` holds kinds (graphs, types, sparse tensors) that no supported operator has. */
export type GraphAttribute =
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'integer'; readonly value: number }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'integers'; readonly value: readonly number[] }
  | { readonly kind: 'tensor'; readonly value: GraphConstant }
  | { readonly kind: 'other' };

export interface GraphNode {
  /** May be empty. */
  readonly name: string;
  /** `Conv`; of another operator set than ONNX's own, with its domain: `com.microsoft.FusedConv`. */
  readonly operator: string;
  /** Names of values; an optional one that is left out is empty. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, GraphAttribute>;
}

export interface GraphPort {
  readonly name: string;
  /** Undefined where an extent is open. */
  readonly shape: readonly (number | undefined)[];
}

/** An ONNX graph as far as evaluating it needs. Operators and axes are ONNX's: images are NCHW. */
export interface OnnxGraph {
  /** Version of ONNX's own operator set, which decides how attributes are read. */
  readonly operatorSet: number;
  /** Each after those whose values it uses. */
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, GraphConstant>;
  /** Without those that have an initialiser. */
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
}

const MAXIMUM_SHOWN_CHARACTERS = 120;

/** What a file says, as messages quote it: short, and without characters that steer a terminal. */
export function shown(text: string): string {
  const start = text.slice(0, MAXIMUM_SHOWN_CHARACTERS).replace(/\p{C}/gu, '\uFFFD');
  return text.length > MAXIMUM_SHOWN_CHARACTERS ? `${start}...` : start;
}

/** How messages call a node. */
export function describeNode({ operator, name, outputs }: GraphNode): string {
  const which = name === '' ? `node that computes ${shown(outputs[0] ?? 'nothing')}` : `node ${shown(name)}`;
  return `${shown(operator)} (${which})`;
}
