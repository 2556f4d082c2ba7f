import { compileToOnnx } from '../../compiler/index.js';
import { type InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import type { StepFunction } from '../step/step-definition.js';
import type { OrtEngineOptions } from './ort-engine-options.js';
import { createSession, runtimeFailure } from './ort-session.js';
import { cpuRuntimeTarget } from './runtime-target.js';

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
