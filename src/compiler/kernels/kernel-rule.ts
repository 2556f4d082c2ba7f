import type { GraphBuilder } from '../graph/graph-builder.js';
import type { TracedValue } from '../graph/traced-value.js';

/** The inputs of a kernel, by tfjs' own names; those in `Optional` may be absent. */
export type Inputs<Required extends string, Optional extends string = never> = Readonly<
  Record<Required, TracedValue> & Partial<Record<Optional, TracedValue>>
>;

/**
 * Extends the graph by what one call of a tfjs kernel computes.
 *
 * Each rule declares the inputs and attributes that tfjs documents for its kernel. tfjs' own registry is
 * untyped, so this pairing is trusted where rules are called (see TracingBackend); the property tests
 * check it by use.
 */
export type KernelRule = (
  inputs: never,
  attributes: never,
  graph: GraphBuilder,
) => TracedValue | TracedValue[];

/** Rules by tfjs kernel name. */
export type KernelRules = Readonly<Record<string, KernelRule>>;
