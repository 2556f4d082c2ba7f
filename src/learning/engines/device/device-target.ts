import type { CompilationTarget } from '../../../compiler/index.js';
import type { OrtEngineOptions } from '../ort-engine-options.js';

/** What to compile whole steps for: no operators that only the CPU provider has. */
export function deviceTarget({ provider, precision }: OrtEngineOptions): CompilationTarget {
  const standard = { hasRuntimeOperators: false, channelBlock: undefined };
  if (precision !== 'mixed') return standard;
  return { ...standard, halfProducts: provider === 'cpu' ? 'rounded' : 'computed' };
}
