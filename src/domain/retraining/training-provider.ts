/** Where ONNX Runtime computes a training. */
export const trainingProviders = ['cpu', 'cuda', 'webgpu'] as const;
export type TrainingProvider = (typeof trainingProviders)[number];
