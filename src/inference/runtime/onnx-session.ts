import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { Failure } from '../../core/failure.js';

/** Row-major 32-bit floats; `data.length` is the product of `dimensions`. */
export interface FloatTensor {
  readonly data: Float32Array;
  readonly dimensions: readonly number[];
}

/** What the graph says of one of its inputs or outputs; a dynamic dimension is undefined. */
export interface TensorDescription {
  readonly name: string;
  /** ONNX element type, for example `float32`. */
  readonly elementType: string;
  readonly dimensions: readonly (number | undefined)[];
}

export interface OnnxSessionOptions {
  /** Threads that one operator may use; 1 in a worker that shares the machine with others. */
  readonly intraOpThreads: number;
}

/** Errors only: the runtime otherwise prints warnings about graphs that are none of the operator's business. */
const LOG_SEVERITY_ERROR = 3;

/**
 * An ONNX graph ready to run on the CPU. `run` occupies the calling thread for the whole inference, so
 * sessions belong in inference workers, never in the gateway.
 */
export class OnnxSession {
  private constructor(
    private readonly session: InferenceSession,
    readonly inputs: readonly TensorDescription[],
    readonly outputs: readonly TensorDescription[],
  ) {}

  /**
   * @param graph path of an ONNX file, or its bytes
   * @throws Failure MODEL_INVALID where the runtime cannot load the graph
   */
  static async load(graph: string | Uint8Array, options: OnnxSessionOptions): Promise<OnnxSession> {
    const sessionOptions: InferenceSession.SessionOptions = {
      executionProviders: ['cpu'],
      intraOpNumThreads: options.intraOpThreads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_SEVERITY_ERROR,
    };
    let session: InferenceSession;
    try {
      session =
        typeof graph === 'string'
          ? await InferenceSession.create(graph, sessionOptions)
          : await InferenceSession.create(graph, sessionOptions);
    } catch (cause) {
      throw new Failure('MODEL_INVALID', `the graph cannot be loaded: ${messageOf(cause)}`, {}, [], {
        cause,
      });
    }
    return new OnnxSession(
      session,
      session.inputMetadata.map(describe),
      session.outputMetadata.map(describe),
    );
  }

  /** The only input. @throws Failure MODEL_INVALID where the graph has none or several */
  get soleInput(): TensorDescription {
    return onlyElement(this.inputs, 'input');
  }

  /** The only output. @throws Failure MODEL_INVALID where the graph has none or several */
  get soleOutput(): TensorDescription {
    return onlyElement(this.outputs, 'output');
  }

  /**
   * Runs a graph of one input.
   * @returns all outputs, in the graph's order
   * @throws Failure MODEL_INVALID where an output is not of 32-bit floats; other errors of the runtime as they are
   */
  async run(input: FloatTensor): Promise<readonly FloatTensor[]> {
    const feed = new Tensor('float32', input.data, input.dimensions);
    const results = await this.session.run({ [this.soleInput.name]: feed });
    return this.outputs.map(({ name }) => floatTensor(name, results[name]));
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function describe(metadata: InferenceSession.ValueMetadata): TensorDescription {
  if (!metadata.isTensor) {
    return { name: metadata.name, elementType: 'non-tensor', dimensions: [] };
  }
  return {
    name: metadata.name,
    elementType: metadata.type,
    // A symbolic dimension comes as its name.
    dimensions: metadata.shape.map((size) => (typeof size === 'number' && size > 0 ? size : undefined)),
  };
}

function onlyElement(tensors: readonly TensorDescription[], role: string): TensorDescription {
  const [first] = tensors;
  if (first === undefined || tensors.length > 1) {
    throw new Failure('MODEL_INVALID', `the graph has ${tensors.length} ${role}s where one is expected`);
  }
  return first;
}

function floatTensor(name: string, value: unknown): FloatTensor {
  if (!(value instanceof Tensor) || !(value.data instanceof Float32Array)) {
    throw new Failure('MODEL_INVALID', `output ${name} is not a tensor of 32-bit floats`);
  }
  return { data: value.data, dimensions: value.dims };
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
