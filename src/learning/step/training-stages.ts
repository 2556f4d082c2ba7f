import type { ParameterSpec } from '../layers/layer.js';

/** Which layers are trained when: first the head alone, then the last layers of the network too. */
export interface Freezing {
  /** Epochs in which the head alone is trained. */
  readonly headEpochs: number;
  /** The share of the network's layers that is trained from then on, 0 to 1, counted from its end. */
  readonly trainedLayers: number;
}

/** Epochs in which the same layers are trained. */
export interface TrainingStage {
  /** The share of the network's layers that is trained, counted from its end; 0: the head alone. */
  readonly trainedLayers: number;
  /** The epoch, from 0, that is the first of the next stage. */
  readonly untilEpoch: number;
}

/**
 * The stages of a run: those of gradual unfreezing (Howard and Ruder 2018, §3.3), the head first, since what an untrained
 * head teaches the layers below spoils them.
 */
export function trainingStages(
  epochs: number,
  { headEpochs, trainedLayers }: Freezing,
): readonly TrainingStage[] {
  const last = { trainedLayers, untilEpoch: epochs };
  return headEpochs === 0 ? [last] : [{ trainedLayers: 0, untilEpoch: headEpochs }, last];
}

/**
 * The parameters of the last layers. A layer is a filter or a matrix, with what follows until the next one: biases, norms,
 * slopes.
 *
 * @param parameters of a network, in the order of evaluation
 * @param trainedLayers the share of its layers, 0 to 1; of more than 0 at least one
 */
export function lastLayers(
  parameters: readonly ParameterSpec[],
  trainedLayers: number,
): readonly ParameterSpec[] {
  if (trainedLayers >= 1) return parameters;
  if (trainedLayers <= 0) return [];
  const starts = [...parameters.entries()].flatMap(([index, parameter]) =>
    isOfConnections(parameter) ? [index] : [],
  );
  const count = Math.max(1, Math.round(trainedLayers * starts.length));
  return parameters.slice(starts.at(-count) ?? 0);
}

/** Filters and matrices are drawn at first; all else begins with one number. */
function isOfConnections({ initialiser }: ParameterSpec): boolean {
  return initialiser.distribution !== 'constant';
}
