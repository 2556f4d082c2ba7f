import { executionProviders } from '../../onnx/execution-provider.js';

/**
 * The providers that a training can compute on: those of ONNX Runtime, for which it is compiled, or `tensorflow`,
 * eagerly on a GPU.
 */
export const trainingProviders = [...executionProviders, 'tensorflow'] as const;
export type TrainingProvider = (typeof trainingProviders)[number];
