import { ACROSS_PROCESSES_RULES } from './across-processes.js';
import { ACTIVATION_RULES } from './activation.js';
import { CONVERSION_RULES } from './conversion.js';
import { CONVOLUTION_RULES } from './convolution.js';
import { CONVOLUTION_GRADIENT_RULES } from './convolution-gradient.js';
import { BINARY_RULES } from './elementwise-binary.js';
import { UNARY_RULES } from './elementwise-unary.js';
import { INDEXING_RULES } from './indexing.js';
import { JOINING_RULES } from './joining.js';
import type { KernelRules } from './kernel-rule.js';
import { MATRIX_PRODUCT_RULES } from './matrix-product.js';
import { NORMALISATION_RULES } from './normalisation.js';
import { PADDING_RULES } from './padding.js';
import { POOLING_RULES } from './pooling.js';
import { REDUCTION_RULES } from './reduction.js';
import { RESHAPING_RULES } from './reshaping.js';
import { RESIZING_RULES } from './resizing.js';
import { SLICING_RULES } from './slicing.js';

/** Every tfjs kernel the compiler knows. A new rule is added to its concept's file; a new concept, here. */
export const KERNEL_RULES: KernelRules = {
  ...ACROSS_PROCESSES_RULES,
  ...ACTIVATION_RULES,
  ...BINARY_RULES,
  ...CONVERSION_RULES,
  ...CONVOLUTION_GRADIENT_RULES,
  ...CONVOLUTION_RULES,
  ...INDEXING_RULES,
  ...JOINING_RULES,
  ...MATRIX_PRODUCT_RULES,
  ...NORMALISATION_RULES,
  ...PADDING_RULES,
  ...POOLING_RULES,
  ...REDUCTION_RULES,
  ...RESHAPING_RULES,
  ...RESIZING_RULES,
  ...SLICING_RULES,
  ...UNARY_RULES,
};
