import type { OperatorRule, OperatorRules } from '../operator-call.js';
import { CONVOLUTION_RULES } from './convolution.js';
import { ELEMENTWISE_RULES } from './elementwise.js';
import { JOINING_RULES } from './joining.js';
import { MATRIX_PRODUCT_RULES } from './matrix-product.js';
import { NORMALISATION_RULES } from './normalisation.js';
import { POOLING_RULES } from './pooling.js';
import { REDUCTION_RULES } from './reduction.js';
import { RESHAPING_RULES } from './reshaping.js';
import { SHAPE_VALUE_RULES } from './shape-values.js';
import { SLICING_RULES } from './slicing.js';

/** Every ONNX operator that can be evaluated. A new rule is added to its concept's file; a new concept, here. */
const RULES: ReadonlyMap<string, OperatorRule> = new Map(
  Object.entries<OperatorRule>({
    ...CONVOLUTION_RULES,
    ...ELEMENTWISE_RULES,
    ...JOINING_RULES,
    ...MATRIX_PRODUCT_RULES,
    ...NORMALISATION_RULES,
    ...POOLING_RULES,
    ...REDUCTION_RULES,
    ...RESHAPING_RULES,
    ...SHAPE_VALUE_RULES,
    ...SLICING_RULES,
  } satisfies OperatorRules),
);

/** Names of the operators that have a rule, sorted. */
export const SUPPORTED_OPERATORS: readonly string[] = [...RULES.keys()].sort();

export function operatorRule(operator: string): OperatorRule | undefined {
  return RULES.get(operator);
}
