import type { Constant, ElementType } from './constant.js';

/** An integer, a list of integers, a string, or (wrapped, to tell it from an integer) a float. */
export type AttributeValue = number | readonly number[] | string | { readonly float: number };

export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A known extent, or the name of one that is only known at run time. */
export type Dimension = number | string;

export interface GraphNode {
  readonly opType: string;
  /** Operator set; empty for the standard ONNX operators. */
  readonly domain: string;
  /** Value names; an empty name stands for an optional input left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Attributes;
}

export interface GraphPort {
  readonly name: string;
  readonly elementType: ElementType;
  readonly dims: readonly Dimension[];
}

/** A data-flow graph of ONNX operators; nodes are in execution order and every value has one producer. */
export interface Graph {
  readonly inputs: readonly GraphPort[];
  readonly outputs: readonly GraphPort[];
  readonly nodes: readonly GraphNode[];
  readonly constants: ReadonlyMap<string, Constant>;
}
