import * as tf from '@tensorflow/tfjs';

import type { TrainingBatch } from '../sampler/training-batch.js';
import type { TrainingSpec } from '../step/training-spec.js';
import {
  arraysOfBatch,
  arraysOfState,
  divergedValue,
  stateOfArrays,
  stepReport,
} from '../step/step-arrays.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from '../step/training-engine.js';
import type { TrainingStep } from '../step/step-definition.js';
import { trainingStep } from '../step/training-step.js';
import { divergence } from './divergence.js';

/** The step evaluated by tfjs itself, operation by operation, on the backend that is current. */
export class EagerTrainingEngine implements TrainingEngine {
  private constructor(
    private readonly spec: TrainingSpec,
    private readonly definition: TrainingStep,
    private readonly tensors: Map<string, tf.Tensor>,
  ) {}

  /** @throws RangeError where the spec is not possible or the state does not fit it */
  static start(spec: TrainingSpec, state: TrainingState): EagerTrainingEngine {
    if (spec.sampledClasses !== undefined)
      throw new RangeError(
        'head.sampleRate: steps on some of the classes are taken by the compiled engine only',
      );
    // What tfjs evaluates itself it keeps anyway.
    const definition = trainingStep({ ...spec, recompute: false });
    const arrays = arraysOfState(state, definition.inputs);
    const shapes = new Map(definition.inputs.map(({ name, shape }) => [name, shape]));
    const tensors = Array.from(arrays, ([name, values]): [string, tf.Tensor] => [
      name,
      // A copy: tfjs may keep the array itself.
      tf.tensor(values.slice(), [...(shapes.get(name) ?? [])], 'float32'),
    ]);
    return new EagerTrainingEngine(spec, definition, new Map(tensors));
  }

  async step(batch: TrainingBatch, learningRate: number, accumulation?: Accumulation): Promise<StepReport> {
    const { inputs, figures: names, outputs, run } = this.definition;
    const given = arraysOfBatch(batch, learningRate, accumulation);
    const results = tf.tidy(() =>
      run(
        ...inputs.map(({ name, shape, dtype }) => {
          const values = given.get(name);
          if (values !== undefined) return tf.tensor(values, [...shape], dtype);
          return this.tensors.get(name) ?? tf.scalar(Number.NaN);
        }),
      ),
    );
    const figures = results.slice(0, names.length);
    const next = results.slice(names.length);
    const report = stepReport(
      names,
      await Promise.all(figures.map(async (figure) => (await figure.data())[0] ?? NaN)),
    );
    tf.dispose(figures);
    const diverged = divergedValue(report);
    if (diverged !== undefined) {
      tf.dispose(next);
      throw divergence(diverged, report);
    }
    outputs.slice(names.length).forEach((name, index) => {
      const tensor = next[index];
      if (tensor === undefined) return;
      this.tensors.get(name)?.dispose();
      this.tensors.set(name, tensor);
    });
    return report;
  }

  async state(): Promise<TrainingState> {
    const arrays = await Promise.all(
      Array.from(this.tensors, async ([name, tensor]): Promise<[string, Float32Array]> => [
        name,
        await tensor.data<'float32'>(),
      ]),
    );
    return stateOfArrays(new Map(arrays), this.spec, this.definition.inputs);
  }

  close(): Promise<void> {
    tf.dispose([...this.tensors.values()]);
    this.tensors.clear();
    return Promise.resolve();
  }
}
