import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { compileToOnnx } from '../../compiler/index.js';
import { Failure } from '../../core/failure.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingSpec } from '../step/training-spec.js';
import { NO_ACCUMULATION } from '../step/accumulation.js';
import { gradientStep } from '../step/gradient-step.js';
import { arraysOfBatch, divergedValue, stepReport } from '../step/step-arrays.js';
import type { TrainingStep } from '../step/step-definition.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from '../step/training-engine.js';
import { ArrayGarbage } from './array-garbage.js';
import { divergence } from './divergence.js';
import { HostState, type StepResults } from './host-state.js';
import { cpuRuntimeTarget } from './runtime-target.js';

export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu';

export interface OrtEngineOptions {
  readonly provider: ExecutionProvider;
  /** Threads of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
  /**
   * The beginning of the path at which ONNX Runtime writes how long each operator took; where it is absent, nothing
   * is written.
   */
  readonly profilePath?: string;
}

/** Errors only; see OnnxSession. */
const LOG_SEVERITY_ERROR = 3;
/** What ONNX Runtime says where an allocation fails. */
const MEMORY_MESSAGES = /bad_alloc|Failed to allocate|out of memory|BFCArena/iu;

/** A graph's inputs and outputs have different names; a step's next statistics have those of the ones before. */
const outputName = (name: string): string => `next/${name}`;

/** The gradients of a batch compiled to one ONNX graph, run by ONNX Runtime; sgd on the host. */
export class OrtTrainingEngine implements TrainingEngine {
  private readonly garbage = new ArrayGarbage();

  private constructor(
    private readonly session: InferenceSession,
    private readonly definition: TrainingStep,
    private readonly hostState: HostState,
  ) {}

  /**
   * Compiles the gradients and takes over a state, as a copy.
   * @throws RangeError where the spec is not possible or the state does not fit it; Failure MODEL_INVALID where the
   *   runtime has not that provider or cannot load the graph; OUT_OF_MEMORY
   */
  static async start(
    spec: TrainingSpec,
    state: TrainingState,
    options: OrtEngineOptions,
  ): Promise<OrtTrainingEngine> {
    const definition = gradientStep(spec);
    const hostState = new HostState(spec, state, definition);
    const traced = {
      ...definition,
      name: `training-${spec.backbone.name}`,
      outputs: definition.outputs.map(outputName),
      outputsEarly: true,
    };
    const graph = compileToOnnx(traced, options.provider === 'cpu' ? await cpuRuntimeTarget() : undefined);
    const session = await createSession(graph, options);
    return new OrtTrainingEngine(session, definition, hostState);
  }

  async step(
    batch: TrainingBatch,
    learningRate: number,
    accumulation: Accumulation = NO_ACCUMULATION,
  ): Promise<StepReport> {
    // Those of the step before are of no use any more.
    this.garbage.add(this.hostState.gradientBytes);
    const results = await this.run(batch);
    const figures = this.hostState.figures(results, accumulation);
    const report = stepReport([...this.definition.figures, 'gradientNorm'], figures);
    const diverged = divergedValue(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    this.hostState.advance(results, report.gradientNorm, learningRate, accumulation);
    return report;
  }

  private async run(batch: TrainingBatch): Promise<StepResults> {
    const feeds: Record<string, Tensor> = { ...this.hostState.tensors };
    // What concerns sgd is no input of the graph.
    const given = arraysOfBatch(batch, 0);
    for (const { name, shape, dtype } of this.definition.inputs) {
      const values = given.get(name);
      if (values !== undefined) feeds[name] = new Tensor(dtype, values, shape);
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

  state(): Promise<TrainingState> {
    return Promise.resolve(this.hostState.state());
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

async function createSession(
  graph: Uint8Array,
  { provider, threads, profilePath }: OrtEngineOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_SEVERITY_ERROR,
      // A plan of all arrays beforehand takes twice the memory, and 5 % less time (docs/results/training-speed.md).
      enableMemPattern: false,
      // Numbers below 1e-38 are computed a hundred times as slowly, and gradients of unused filters become as small.
      extra: { session: { set_denormal_as_zero: '1' } },
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
