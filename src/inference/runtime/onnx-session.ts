import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import type { ExecutionProvider } from '../../onnx/execution-provider.js';
import { fastOnCpu } from '../../onnx/fast-on-cpu.js';
import { flushDenormals } from '../../onnx/flush-denormals.js';
import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { Failure } from '../../core/failure.js';
import { BatchedRuns } from './batched-runs.js';
import type { FloatTensor } from './float-tensor.js';

export type { FloatTensor };

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
  /** Where the graph is computed; the CPU where it is left out. Operators that a GPU's provider lacks run on the CPU. */
  readonly provider?: ExecutionProvider;
  /**
   * Concurrent runs that are joined to one where the graph takes batches of any size; none are where it is left out. It
   * pays where a run costs more than its rows do, as on a GPU.
   */
  readonly joinedRuns?: number;
  /** Runs the graph as it stands in the file, to compare with. Default: in the form that a CPU computes fastest. */
  readonly asWritten?: boolean;
}

/** Errors only: the runtime otherwise prints warnings about graphs that are none of the operator's business. */
const LOG_SEVERITY_ERROR = 3;

/**
 * An ONNX graph ready to run. `run` occupies the calling thread for the whole inference, so
 * sessions belong in inference workers, never in the gateway.
 */
export class OnnxSession {
  private readonly batches: BatchedRuns | undefined;

  private constructor(
    private readonly session: InferenceSession,
    joinedRuns: number,
    readonly inputs: readonly TensorDescription[],
    readonly outputs: readonly TensorDescription[],
    /** Threads of the CPU that one operator may use; undefined where the graph is computed elsewhere. */
    readonly cpuThreads: number | undefined,
  ) {
    if (joinedRuns > 1 && computesRows(session))
      this.batches = new BatchedRuns(async (input) => this.runAlone(input), joinedRuns);
  }

  /**
   * @param graph path of an ONNX file, or its bytes
   * @throws Failure MODEL_INVALID where the runtime cannot load the graph, or has not that provider
   */
  static async load(graph: string | Uint8Array, options: OnnxSessionOptions): Promise<OnnxSession> {
    const { provider = 'cpu' } = options;
    const sessionOptions: InferenceSession.SessionOptions = {
      executionProviders: [provider],
      intraOpNumThreads: options.intraOpThreads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_SEVERITY_ERROR,
      extra: flushDenormals,
    };
    let session: InferenceSession;
    try {
      const bytes = typeof graph === 'string' ? await readFile(graph) : graph;
      const runnable = options.asWritten === true || provider !== 'cpu' ? bytes : fastOnCpu(bytes);
      // Of a graph that is to be run as it is, the runtime reads the file itself, and keeps no copy.
      session =
        typeof graph === 'string' && runnable === bytes
          ? await InferenceSession.create(graph, sessionOptions)
          : await InferenceSession.create(runnable, sessionOptions);
    } catch (cause) {
      const where = provider === 'cpu' ? '' : ` on ${provider}`;
      throw new Failure('MODEL_INVALID', `the graph cannot be loaded${where}: ${messageOf(cause)}`, {}, [], {
        cause,
      });
    }
    return new OnnxSession(
      session,
      options.joinedRuns ?? 1,
      session.inputMetadata.map(describe),
      session.outputMetadata.map(describe),
      // The runtime takes 0 as all cores.
      provider === 'cpu' ? options.intraOpThreads || availableParallelism() : undefined,
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
    return this.batches === undefined ? this.runAlone(input) : this.batches.run(input);
  }

  private async runAlone(input: FloatTensor): Promise<readonly FloatTensor[]> {
    const feed = new Tensor('float32', input.data, input.dimensions);
    const results = await this.session.run({ [this.soleInput.name]: feed });
    return this.outputs.map(({ name }) => floatTensor(name, results[name]));
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** Whether all inputs and outputs have one dynamic first axis, and inputs no other that is: then it is the batch's. */
function computesRows({ inputMetadata, outputMetadata }: InferenceSession): boolean {
  const [input] = inputMetadata;
  if (inputMetadata.length !== 1 || !input?.isTensor) return false;
  const [batch, ...others] = input.shape;
  return (
    typeof batch === 'string' &&
    batch !== '' &&
    others.every((size) => typeof size === 'number' && size > 0) &&
    outputMetadata.every((output) => output.isTensor && output.shape[0] === batch)
  );
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
