import { flushDenormals } from '../../onnx/flush-denormals.js';
import { compileToOnnx } from '../../compiler/index.js';
import { Failure } from '../../core/failure.js';
import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import type { StepFunction } from '../step/step-definition.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import { cpuRuntimeTarget } from './runtime-target.js';

/** Errors only; see OnnxSession. */
const LOG_SEVERITY_ERROR = 3;
/** What ONNX Runtime says where an allocation fails. */
const MEMORY_MESSAGES = /bad_alloc|Failed to allocate|out of memory|BFCArena/iu;

/** A graph's inputs and outputs have different names; a step's next statistics have those of the ones before. */
const outputName = (name: string): string => `next/${name}`;

/** What a run of the gradients' graph came to, by the step's names. */
export type StepResults = (name: string) => Float32Array;

/** Gradients of a batch, whatever is trained, compiled to one ONNX graph that ONNX Runtime runs. */
export class CompiledGradients {
  private constructor(
    private readonly session: InferenceSession,
    private readonly definition: StepFunction,
  ) {}

  /**
   * @param name of the graph
   * @throws Failure MODEL_INVALID where the runtime has not that provider or cannot load the graph; OUT_OF_MEMORY
   */
  static async compile(
    name: string,
    definition: StepFunction,
    options: OrtEngineOptions,
  ): Promise<CompiledGradients> {
    const traced = {
      ...definition,
      name,
      outputs: definition.outputs.map(outputName),
      outputsEarly: true,
    };
    const graph = compileToOnnx(traced, options.provider === 'cpu' ? await cpuRuntimeTarget() : undefined);
    return new CompiledGradients(await createSession(graph, options), definition);
  }

  /**
   * @param state what stays from step to step, by the names of the inputs
   * @param batch what is there for this one alone; what the graph does not take is left out
   * @throws Failure OUT_OF_MEMORY, MODEL_INVALID
   */
  async run(
    state: Readonly<Record<string, Tensor>>,
    batch: ReadonlyMap<string, Float32Array | Int32Array>,
  ): Promise<StepResults> {
    const feeds: Record<string, Tensor> = {};
    for (const { name, shape, dtype } of this.definition.inputs) {
      const values = batch.get(name);
      const given = values === undefined ? state[name] : new Tensor(dtype, values, shape);
      if (given !== undefined) feeds[name] = given;
    }
    const results = await this.session.run(feeds).catch((error: unknown) => {
      throw runtimeFailure(error, 'The training step failed');
    });
    return (name) => {
      const values = results[outputName(name)]?.data;
      if (values instanceof Float32Array) return values;
      throw new RangeError(`the graph of the training step tells no ${name}`);
    };
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

async function createSession(
  graph: Uint8Array,
  { provider, device, threads, profilePath }: OrtEngineOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders: [device === undefined ? provider : { name: provider, deviceId: device }],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_SEVERITY_ERROR,
      // A plan of all arrays beforehand takes twice the memory, and 5 % less time (docs/results/training-speed.md).
      enableMemPattern: false,
      // Gradients of unused filters become as small.
      extra: flushDenormals,
      ...(profilePath === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePath }),
    });
  } catch (error) {
    throw runtimeFailure(error, `ONNX Runtime cannot load the training step for ${provider}`);
  }
}

function runtimeFailure(error: unknown, what: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const isMemory = MEMORY_MESSAGES.test(message);
  const advice = isMemory ? 'Lower the batch size.' : '';
  return new Failure(
    isMemory ? 'OUT_OF_MEMORY' : 'MODEL_INVALID',
    `${what}: ${message} ${advice}`.trim(),
    {},
    [],
    {
      cause: error,
    },
  );
}
