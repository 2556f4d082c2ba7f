import type { ModelValidation } from '../workers/model-validator.js';
import { Failure } from '../../core/failure.js';
import type { ModelManifest, TensorLayout } from '../../core/models/manifest.js';
import { inspectBackbone } from './inspect-backbone.js';
import { inspectDetector } from './inspect-detector.js';
import { OnnxSession, type OnnxSessionOptions } from '../runtime/onnx-session.js';
import { requireSelfContained } from '../../onnx/self-contained.js';

/**
 * Loads an untrusted graph and tries it. A hostile one may hang or exhaust the memory of the process that calls
 * this: ProcessModelValidator calls it in a process of its own.
 * @param bytes the ONNX file of the manifest's only graph
 * @throws Failure MODEL_INVALID saying what does not fit the manifest
 */
export async function inspectModel(
  manifest: ModelManifest,
  bytes: Uint8Array,
  options: OnnxSessionOptions,
): Promise<ModelValidation> {
  requireSelfContained(bytes);
  const session = await OnnxSession.load(bytes, options);
  try {
    requireImageInput(session, manifest.input);
    return manifest.kind === 'backbone'
      ? await inspectBackbone(session, manifest)
      : await inspectDetector(session, manifest);
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Failure('MODEL_INVALID', `the graph fails on a test image: ${message}`, {}, [], { cause });
  } finally {
    await session.release();
  }
}

/** The graph's input must be one batch of images of the manifest's layout and size; dynamic dimensions fit any. */
function requireImageInput(
  session: OnnxSession,
  { layout, width, height }: TensorLayout & { readonly width: number; readonly height: number },
): void {
  const { name, elementType, dimensions } = session.soleInput;
  const expected = layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  const fits =
    dimensions.length === expected.length &&
    dimensions.every((size, axis) => size === undefined || size === expected[axis]);
  if (elementType === 'float32' && fits) return;
  const shape = dimensions.map((size) => size ?? '?').join(', ');
  throw new Failure(
    'MODEL_INVALID',
    `input ${name} is ${elementType} [${shape}], the manifest says float32 ${layout} [${expected.join(', ')}]`,
  );
}
