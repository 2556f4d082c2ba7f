import type * as tf from '@tensorflow/tfjs';

import type { Graph } from '../onnx/graph.js';
import { compiledModel } from './compiled-model.js';
import { CompileError } from './errors.js';
import { CHANNELS_FIRST, inPhysicalOrder, rowMajorOrder, type AxisOrder } from './graph/axis-order.js';
import { joinBatchTraces, type BatchTrace } from './graph/dynamic-batch.js';
import { withEarlyLeavesLast } from './graph/early-leaves.js';
import { GraphBuilder } from './graph/graph-builder.js';
import { withHalfProducts } from './graph/half-products.js';
import { simplify } from './graph/simplify.js';
import { arrange, type TracedElementType } from './graph/traced-value.js';
import { STANDARD_ONNX, type CompilationTarget } from './target.js';
import { withTracingBackend } from './trace/trace.js';
import type { TracingBackend } from './trace/tracing-backend.js';

/** How the axes of a rank-4 tensor lie in the ONNX model; the traced function always sees NHWC. */
export type TensorLayout = 'NHWC' | 'NCHW';

export interface FunctionInput {
  readonly name: string;
  /**
   * The shape the traced function sees (NHWC for images, whatever the layout). A first extent of null
   * leaves the batch size open; all inputs with an open batch size share it.
   */
  readonly shape: readonly (number | null)[];
  readonly dtype: TracedElementType;
  /** Layout of the ONNX input, for rank 4 only. Default: NHWC. */
  readonly layout?: TensorLayout;
}

export interface FunctionOutput {
  readonly name: string;
  /** Layout of the ONNX output, for rank 4 only. Default: NHWC. */
  readonly layout?: TensorLayout;
}

export interface TracedFunction {
  /** Name of the ONNX graph. */
  readonly name: string;
  readonly inputs: readonly FunctionInput[];
  /** Names of what `run` returns, in order. */
  readonly outputs: readonly (string | FunctionOutput)[];
  /**
   * Whether outputs are to be computed as early as they can be, as gradients are on the way back through a network: what
   * they need is then not kept to the end. Default: no, and the graph is in the order of the trace.
   */
  readonly outputsEarly?: boolean;
  /**
   * The function to compile. It must be free of side effects: it is called once, or twice when the batch
   * size is open. Tensors from outside it, such as weights, become constants of the model, and so do
   * random numbers drawn in it. (A tfjs-layers model is to be called with `apply`: `predict` cuts the batch
   * into pieces.)
   */
  readonly run: (...inputs: tf.Tensor[]) => tf.Tensor[];
}

/**
 * Two batch sizes that occur in no other extent of a network, so that neither broadcasting nor a
 * reshape can take the batch axis for another one.
 */
const TRACED_BATCH_SIZES = [53, 71] as const;

/**
 * Compiles a tfjs function to an ONNX model (opset 17) by tracing one evaluation of it.
 *
 * What does not depend on the inputs is evaluated now, on the current tfjs backend; the rest becomes
 * ONNX operators. tfjs' global state is left as it was, also after an error.
 *
 * @param target what will run the model; with an open batch, any ONNX runtime. Default: any.
 * @returns the serialised model. Its inputs and outputs have the names, types and shapes of
 *   `traced.inputs` and of what `traced.run` returns, rank-4 ones in the layout asked for.
 * @throws UnsupportedKernelError, UnsupportedAttributeError when the function uses a tfjs operation that
 *   the compiler has no rule for.
 * @throws TracedValueReadError when the function reads the elements of a tensor.
 * @throws BatchDependenceError when the batch size is open and the operations depend on it.
 * @throws Failure MODEL_INVALID when the model would have more than 2 GiB.
 * @throws CompileError when the names, shapes, layouts or number of inputs or outputs are inconsistent, or when
 *   called from within a traced function.
 */
export function compileToOnnx(traced: TracedFunction, target = STANDARD_ONNX): Uint8Array {
  return compiledModel(compileToGraph(traced, target), traced.name);
}

/** As {@link compileToOnnx}, before it is written. */
export function compileToGraph(traced: TracedFunction, target = STANDARD_ONNX): Graph {
  requireDistinctNames(traced);
  const hasOpenBatch = traced.inputs.some(({ shape }) => shape[0] === null);
  const graph = hasOpenBatch ? traceForAnyBatch(traced) : traceGraph(traced, 1, target);
  const simplified = simplify(graph);
  const precise =
    target.halfProducts === undefined ? simplified : withHalfProducts(simplified, target.halfProducts);
  return traced.outputsEarly === true ? withEarlyLeavesLast(precise) : precise;
}

/**
 * Traces in standard operators: which others are faster, and how they lie in blocks, depends on the size of the
 * batch.
 */
function traceForAnyBatch(traced: TracedFunction): Graph {
  const [first, second] = TRACED_BATCH_SIZES.map((batchSize): BatchTrace => ({
    batchSize,
    graph: traceGraph(traced, batchSize, STANDARD_ONNX),
  }));
  if (first === undefined || second === undefined) throw new RangeError('two batch sizes are needed');
  return joinBatchTraces(first, second);
}

function traceGraph(traced: TracedFunction, batchSize: number, target: CompilationTarget): Graph {
  const graph = new GraphBuilder('', target);
  withTracingBackend(graph, (backend) => {
    const inputs = traced.inputs.map((input) => addInput(graph, backend, input, batchSize));
    const results = traced.run(...inputs);
    if (results.length !== traced.outputs.length) {
      throw new CompileError(`${traced.outputs.length} outputs are named but ${results.length} are returned`);
    }
    traced.outputs.forEach((output, index) => {
      const result = results[index];
      if (result !== undefined) addOutput(graph, backend, output, result);
    });
  });
  return graph.build();
}

function addInput(
  graph: GraphBuilder,
  backend: TracingBackend,
  { name, shape, dtype, layout }: FunctionInput,
  batchSize: number,
): tf.Tensor {
  if (shape.includes(null, 1)) throw new CompileError(`only the first extent of ${name} can be open`);
  const logical = shape.map((extent) => extent ?? batchSize);
  const order = orderOf(name, logical.length, layout);
  graph.input(name, dtype, inPhysicalOrder(logical, order));
  return backend.tensorOf({ name, shape: logical, elementType: dtype, order });
}

function addOutput(
  graph: GraphBuilder,
  backend: TracingBackend,
  output: string | FunctionOutput,
  result: tf.Tensor,
): void {
  const { name, layout } = typeof output === 'string' ? { name: output, layout: undefined } : output;
  const value = backend.tracedValueOf(result);
  const order = orderOf(name, value.shape.length, layout);
  graph.output(name, arrange(graph, value, order), value.elementType, inPhysicalOrder(value.shape, order));
}

function orderOf(name: string, rank: number, layout: TensorLayout | undefined): AxisOrder {
  if (layout === undefined || layout === 'NHWC') return rowMajorOrder(rank);
  if (rank !== 4) throw new CompileError(`${name} has rank ${rank}, the layout ${layout} needs rank 4`);
  return CHANNELS_FIRST;
}

function requireDistinctNames({ inputs, outputs }: TracedFunction): void {
  const names = [...inputs, ...outputs].map((port) => (typeof port === 'string' ? port : port.name));
  const duplicate = names.find((name, index) => name === '' || names.indexOf(name) !== index);
  if (duplicate !== undefined) throw new CompileError(`the name '${duplicate}' is empty or used twice`);
}
