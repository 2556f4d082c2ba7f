import * as tf from '@tensorflow/tfjs';

import { CompileError, TracedValueReadError, UnsupportedKernelError } from '../errors.js';
import { tensorOf } from '../../onnx/tensor.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { rowMajorValue, type TracedElementType, type TracedValue } from '../graph/traced-value.js';
import type { KernelRule } from '../kernels/kernel-rule.js';

type KernelInputs = tf.NamedTensorInfoMap | readonly tf.TensorInfo[];

/**
 * A tfjs backend that records kernels instead of running them.
 *
 * It stores nothing but the traced values: a tensor that does not depend on a traced one stays on the
 * eager backend, and a kernel with only such inputs runs there, at compile time. A tensor enters the
 * graph as a constant when a recorded kernel uses it.
 */
export class TracingBackend extends tf.KernelBackend {
  readonly #graph: GraphBuilder;
  readonly #eager: tf.KernelBackend;
  readonly #eagerName: string;
  readonly #traced = new WeakMap<object, TracedValue>();

  constructor(graph: GraphBuilder, eager: tf.KernelBackend, eagerName: string) {
    super();
    this.#graph = graph;
    this.#eager = eager;
    this.#eagerName = eagerName;
  }

  /** A tfjs tensor that stands for `value` in the traced function. */
  tensorOf(value: TracedValue): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.#infoOf(value), this);
  }

  /** The graph value that holds a tensor; one that was not traced becomes a constant. */
  tracedValueOf(info: tf.TensorInfo): TracedValue {
    return this.#traced.get(info.dataId) ?? this.#constantOf(info);
  }

  /**
   * Does what tfjs asks of a kernel: records it, or runs it at once if no input is traced.
   *
   * @throws UnsupportedKernelError when it has to be recorded and there is no rule for it.
   */
  runKernel(
    kernelName: string,
    rule: KernelRule | undefined,
    inputs: KernelInputs,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.TensorInfo | tf.TensorInfo[] {
    const infos = Array.isArray(inputs) ? (inputs as tf.TensorInfo[]) : Object.values(inputs);
    const isTraced = infos.some((info) => info !== undefined && this.#traced.has(info.dataId));
    if (!isTraced) return this.#runEagerly(kernelName, inputs, attributes);
    if (rule === undefined) throw new UnsupportedKernelError(kernelName);
    // Rules declare what tfjs documents for their kernel, and tfjs passes it untyped.
    const result = rule(this.#valuesOf(inputs) as never, (attributes ?? {}) as never, this.#graph);
    return Array.isArray(result) ? result.map((value) => this.#infoOf(value)) : this.#infoOf(result);
  }

  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    return this.#eager.write(values, shape, dtype);
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    if (this.#traced.has(dataId)) throw new TracedValueReadError();
    return this.#eager.readSync(dataId);
  }

  override read(dataId: object): Promise<tf.backend_util.BackendValues> {
    if (this.#traced.has(dataId)) return Promise.reject(new TracedValueReadError());
    return this.#eager.read(dataId);
  }

  override disposeData(dataId: object, force?: boolean): boolean {
    return this.#traced.has(dataId) || this.#eager.disposeData(dataId, force);
  }

  override refCount(dataId: object): number {
    return this.#traced.has(dataId) ? 1 : this.#eager.refCount(dataId);
  }

  override incRef(dataId: object): void {
    if (!this.#traced.has(dataId)) this.#eager.incRef(dataId);
  }

  override numDataIds(): number {
    return this.#eager.numDataIds();
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override dispose(): void {
    // Nothing is held but weak references.
  }

  #infoOf(value: TracedValue): tf.TensorInfo {
    const dataId = {};
    this.#traced.set(dataId, value);
    return { dataId, shape: [...value.shape], dtype: value.elementType };
  }

  #valuesOf(inputs: KernelInputs): TracedValue[] | Record<string, TracedValue> {
    if (Array.isArray(inputs)) return (inputs as tf.TensorInfo[]).map((info) => this.tracedValueOf(info));
    const values: Record<string, TracedValue> = {};
    for (const [name, info] of Object.entries(inputs as tf.NamedTensorInfoMap)) {
      // tfjs passes an absent optional input as null as well as undefined.
      if (info) values[name] = this.tracedValueOf(info);
    }
    return values;
  }

  #constantOf({ dataId, shape, dtype }: tf.TensorInfo): TracedValue {
    const elementType = tracedElementType(dtype);
    const elements = tf.engine().readSync(dataId) as tf.TypedArray;
    const name = this.#graph.constant(tensorOf(elements, shape, elementType));
    return rowMajorValue(name, shape, elementType);
  }

  #runEagerly(
    kernelName: string,
    inputs: KernelInputs,
    attributes: tf.NamedAttrMap | undefined,
  ): tf.Tensor | tf.Tensor[] {
    // tfjs' typings leave out that a kernel may be missing.
    const kernel = tf.getKernel(kernelName, this.#eagerName) as tf.KernelConfig | undefined;
    if (kernel === undefined) throw new UnsupportedKernelError(kernelName);
    const result = kernel.kernelFunc({
      inputs: inputs as tf.NamedTensorInfoMap,
      backend: this.#eager,
      ...(attributes === undefined ? {} : { attrs: attributes }),
    });
    return Array.isArray(result)
      ? result.map((info) => this.#eagerTensorOf(info))
      : this.#eagerTensorOf(result);
  }

  /**
   * Some kernels make tensors themselves; the results of the rest must become tensors of the eager
   * backend, else tfjs would take them for this one's.
   */
  #eagerTensorOf(info: tf.TensorInfo): tf.Tensor {
    if (info instanceof tf.Tensor) return info as tf.Tensor;
    return tf.engine().makeTensorFromTensorInfo(info, this.#eager);
  }
}

/** The element type of a tfjs tensor in a graph. @throws CompileError for strings and complex numbers. */
function tracedElementType(dtype: tf.DataType): TracedElementType {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new CompileError(`tensors of type ${dtype} cannot be compiled`);
}
