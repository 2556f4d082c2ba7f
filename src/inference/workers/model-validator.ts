import type { ModelManifest } from '../../core/models/manifest.js';

/** What a trial run of a model showed. */
export interface ModelValidation {
  /** One image through the graph, warmed up, on the threads that an inference worker has. */
  readonly inferenceMs: number;
}

/** Proves that an untrusted graph loads, fits its manifest and computes sensible numbers. */
export interface ModelValidator {
  /**
   * @param graph bytes of the ONNX file
   * @throws Failure MODEL_INVALID saying what does not fit
   */
  validate(manifest: ModelManifest, graph: Uint8Array): Promise<ModelValidation>;
}
