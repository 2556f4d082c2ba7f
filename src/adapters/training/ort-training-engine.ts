import { InferenceSession, Tensor } from 'onnxruntime-node';

import { compileToOnnx } from '../../compiler/index.js';
import { Failure } from '../../domain/failure.js';
import type { TrainingBatch } from '../../learning/data/training-batch.js';
import type { Learner } from '../../learning/training/learner.js';
import {
  arraysOfBatch,
  arraysOfState,
  divergedFigure,
  type StateArrays,
  stateOfArrays,
  stepReport,
} from '../../learning/training/step-arrays.js';
import type {
  Accumulation,
  StepReport,
  TrainingEngine,
  TrainingState,
} from '../../learning/training/training-engine.js';
import { STEP_FIGURES, type TrainingStep, trainingStep } from '../../learning/training/training-step.js';
import { divergence } from './divergence.js';

export type ExecutionProvider = 'cpu' | 'cuda' | 'webgpu';

export interface OrtEngineOptions {
  readonly provider: ExecutionProvider;
  /** Threads of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
}

/** Errors only; see OnnxSession. */
const LOG_SEVERITY_ERROR = 3;
/** What ONNX Runtime says where an allocation fails. */
const MEMORY_MESSAGES = /bad_alloc|Failed to allocate|out of memory|BFCArena/iu;

/** A graph's inputs and outputs have different names; a step's next state has those of the state. */
const outputName = (name: string): string => `next/${name}`;

/** The step compiled to one ONNX graph, run by ONNX Runtime. */
export class OrtTrainingEngine implements TrainingEngine {
  private constructor(
    private readonly session: InferenceSession,
    private readonly learner: Learner,
    private readonly definition: TrainingStep,
    private arrays: StateArrays,
  ) {}

  /**
   * Compiles the step and takes over a state, as a copy.
   * @throws RangeError where the learner is not possible or the state does not fit it; Failure MODEL_INVALID where the
   *   runtime has not that provider or cannot load the graph; OUT_OF_MEMORY
   */
  static async start(
    learner: Learner,
    state: TrainingState,
    options: OrtEngineOptions,
  ): Promise<OrtTrainingEngine> {
    const definition = trainingStep(learner);
    const arrays = arraysOfState(state, definition.inputs);
    const graph = compileToOnnx({
      ...definition,
      name: `training-${learner.backbone.name}`,
      outputs: definition.outputs.map(outputName),
    });
    const session = await createSession(graph, options);
    return new OrtTrainingEngine(session, learner, definition, arrays);
  }

  async step(batch: TrainingBatch, learningRate: number, accumulation?: Accumulation): Promise<StepReport> {
    const given = new Map([...arraysOfBatch(batch, learningRate, accumulation), ...this.arrays]);
    const { inputs, outputs } = this.definition;
    const feeds = inputs.map(({ name, shape, dtype }): [string, Tensor] => [
      name,
      new Tensor(dtype, given.get(name) ?? [], shape),
    ]);
    const results = await this.session.run(Object.fromEntries(feeds)).catch((error: unknown) => {
      throw runtimeFailure(error, 'The training step failed');
    });
    const valuesOf = (name: string): Float32Array => results[outputName(name)]?.data as Float32Array;
    const report = stepReport(STEP_FIGURES.map((name) => valuesOf(name)[0] ?? Number.NaN));
    const diverged = divergedFigure(report);
    if (diverged !== undefined) throw divergence(diverged, report);
    const changed = outputs.slice(STEP_FIGURES.length);
    this.arrays = new Map([
      ...this.arrays,
      ...changed.map((name): [string, Float32Array] => [name, valuesOf(name)]),
    ]);
    return report;
  }

  state(): Promise<TrainingState> {
    return Promise.resolve(stateOfArrays(this.arrays, this.learner, this.definition.inputs));
  }

  async close(): Promise<void> {
    await this.session.release();
  }
}

async function createSession(
  graph: Uint8Array,
  { provider, threads }: OrtEngineOptions,
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_SEVERITY_ERROR,
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
