/** The package's `symface/compiler` (docs/libraries/compiler.md): tfjs functions as ONNX models. */
export { channelBlockProbe } from './channel-block-probe.js';
export { compileToOnnx, type FunctionInput, type TensorLayout, type TracedFunction } from './compile.js';
export {
  BatchDependenceError,
  CompileError,
  TracedValueReadError,
  UnsupportedAttributeError,
  UnsupportedKernelError,
} from './errors.js';
export { compileInStages, type CompiledStage } from './compile-stages.js';
export { compileRepeated, type RepeatedFunction } from './compile-repeated.js';
export { STANDARD_ONNX, type CompilationTarget } from './target.js';
