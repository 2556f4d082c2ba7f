import { Tensor } from 'onnxruntime-node';

import type { StateArrays } from '../../learning/training/step-arrays.js';
import type { TrainingStep } from '../../learning/training/training-step.js';

/** A graph's inputs and outputs have different names; a step's next state has those of the state. */
export const outputName = (name: string): string => `next/${name}`;

type Tensors = Readonly<Record<string, Tensor>>;

/**
 * The arrays that a step changes, each of them twice: one is read while the other is written, and then they change
 * places. No step allocates any, and what was before a step is there until the next.
 */
export class SteppedArrays {
  private feeds: Tensors;
  private fetches: Tensors;

  /** Copies the state: a runtime may go on writing where a caller still reads. */
  constructor(
    state: StateArrays,
    private readonly step: Pick<TrainingStep, 'inputs' | 'figures' | 'outputs'>,
  ) {
    const { inputs, outputs } = step;
    const shapes = new Map(inputs.map(({ name, shape }) => [name, shape]));
    const tensorOf = (name: string, values: Float32Array): Tensor =>
      new Tensor('float32', values, shapes.get(name) ?? []);
    this.feeds = Object.fromEntries(
      [...state].map(([name, values]) => [name, tensorOf(name, values.slice())]),
    );
    this.fetches = Object.fromEntries(
      outputs.map((name) => [
        outputName(name),
        tensorOf(name, new Float32Array(state.get(name)?.length ?? 1)),
      ]),
    );
  }

  /** What a step reads, by the names of its inputs. */
  get current(): Tensors {
    return this.feeds;
  }

  /** What a step writes, by {@link outputName}. */
  get next(): Tensors {
    return this.fetches;
  }

  /** What the last step wrote, in the order of the step's figures. */
  figures(): number[] {
    return this.step.figures.map((name) => valuesOf(this.fetches[outputName(name)])[0] ?? Number.NaN);
  }

  /** Makes what was written the state. */
  advance(): void {
    const [read, written] = [this.feeds, this.fetches];
    this.feeds = mapTensors(read, (name, tensor) => written[outputName(name)] ?? tensor);
    this.fetches = mapTensors(written, (name, tensor) => read[stateName(name)] ?? tensor);
  }

  values(): StateArrays {
    return new Map(Object.entries(this.feeds).map(([name, tensor]) => [name, valuesOf(tensor)]));
  }
}

function stateName(output: string): string {
  return output.slice(outputName('').length);
}

function mapTensors(tensors: Tensors, map: (name: string, tensor: Tensor) => Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, map(name, tensor)]));
}

function valuesOf(tensor: Tensor | undefined): Float32Array {
  return tensor?.data as Float32Array;
}
