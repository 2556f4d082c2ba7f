import type { StateArrays } from '../../step/step-arrays.js';

/** What there is of a batch, by the names of a step's inputs. */
export type BatchArrays = ReadonlyMap<string, Float32Array | Int32Array>;

/** What steps on some batches came to. Either of its methods is called, once. */
export interface DeviceSteps {
  /** Of each batch, in the order of the step's figures. */
  readonly figures: readonly (readonly number[])[];
  /** Goes on from the state after the last of them. */
  keep(): void;
  /** Goes on from the state before the first of them. */
  discard(): void;
}

/** The state of a training where it is computed with, and the whole step: weights and momentum do not cross the bus in each. */
export interface DeviceState {
  /** The most batches of a run. */
  readonly batchesPerRun: number;
  /** @throws Failure OUT_OF_MEMORY, MODEL_INVALID; the state is what it was */
  run(batches: readonly BatchArrays[]): Promise<DeviceSteps>;
  /** Copies the state into the host's memory. */
  read(): Promise<StateArrays>;
  close(): Promise<void>;
}

/** A graph's inputs and outputs have different names; a step's next state has those of the one before. */
export const nextName = (name: string): string => `next/${name}`;
