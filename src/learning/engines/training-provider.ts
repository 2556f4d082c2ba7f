/** Where a training computes: compiled by ONNX Runtime on a provider of its, or `tensorflow`: eagerly on a GPU. */
export const trainingProviders = ['cpu', 'cuda', 'webgpu', 'tensorflow'] as const;
export type TrainingProvider = (typeof trainingProviders)[number];
