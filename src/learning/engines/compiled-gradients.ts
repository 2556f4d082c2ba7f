import {
  type CompilationTarget,
  compileInStages,
  compileToOnnx,
  STANDARD_ONNX,
  type TracedFunction,
} from '../../compiler/index.js';
import { type InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import type { StepFunction } from '../step/step-definition.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import { createSession, runtimeFailure } from './ort-session.js';
import type { ProcessGroup } from './process-group.js';
import { cpuRuntimeTarget } from './runtime-target.js';
import { StagedSession } from './staged-session.js';

/** A graph's inputs and outputs have different names; a step's next statistics have those of the ones before. */
const outputName = (name: string): string => `next/${name}`;

/** What a run of the gradients' graph came to, by the step's names. */
export type StepResults = (name: string) => Float32Array;

/** Gradients of a batch, whatever is trained, compiled to one ONNX graph that ONNX Runtime runs. */
export class CompiledGradients {
  private constructor(
    private readonly session: InferenceSession | StagedSession,
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
    const graph = compileToOnnx(tracedAs(name, definition), await targetOf(options));
    return new CompiledGradients(await createSession(graph, options), definition);
  }

  /**
   * As {@link compile}, of what several processes compute together.
   * @param processes which all run each batch at the same time, or {@link runWithoutBatch}
   */
  static async compileTogether(
    name: string,
    definition: StepFunction,
    options: OrtEngineOptions,
    processes: ProcessGroup,
  ): Promise<CompiledGradients> {
    const target = { ...(await targetOf(options)), processCount: processes.size };
    const stages = compileInStages(tracedAs(name, definition), target);
    return new CompiledGradients(await StagedSession.create(stages, options, processes), definition);
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

  /** Takes part in a batch that other processes have and this one has not, where they compute together. */
  async runWithoutBatch(): Promise<void> {
    if (this.session instanceof StagedSession) await this.session.runWithoutBatch();
  }

  async release(): Promise<void> {
    if (this.session instanceof StagedSession) await this.session.close();
    else await this.session.release();
  }
}

function tracedAs(name: string, definition: StepFunction): TracedFunction {
  return { ...definition, name, outputs: definition.outputs.map(outputName), outputsEarly: true };
}

async function targetOf({ provider }: OrtEngineOptions): Promise<CompilationTarget> {
  return provider === 'cpu' ? cpuRuntimeTarget() : STANDARD_ONNX;
}
