import type { FailureRecord } from '../core/failure-record.js';

/** What of ONNX Runtime can compute a graph: the processor, an NVIDIA GPU, or any GPU that WebGPU reaches. */
export const executionProviders = ['cpu', 'cuda', 'webgpu'] as const;
export type ExecutionProvider = (typeof executionProviders)[number];

/** Asks a process whether it can compute with a provider; the process ends after its answer. */
export interface ProviderQuestion<Provider extends string> {
  readonly type: 'check-provider';
  readonly provider: Provider;
}

export type ProviderAnswer =
  { readonly type: 'provider-works' } | { readonly type: 'failed'; readonly error: FailureRecord };
