import type { ModelValidation } from '../workers/model-validator.js';
import { Failure } from '../../core/failure.js';
import type { ModelManifest, TensorLayout } from '../../core/models/manifest.js';
import { fastOnCpu } from '../../onnx/fast-on-cpu.js';
import { PixelTensorEncoder } from '../runtime/pixel-tensor.js';
import { relativeDifference } from '../runtime/relative-difference.js';
import { trialImage } from '../runtime/trial-run.js';
import { inspectBackbone } from './inspect-backbone.js';
import { inspectDetector } from './inspect-detector.js';
import { OnnxSession, type OnnxSessionOptions } from '../runtime/onnx-session.js';
import { requireSelfContained } from '../../onnx/self-contained.js';

/** Relative to an output's largest number; sums in another order differ by less. */
const FORM_TOLERANCE = 1e-4;

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
    await requireSameAsWritten(session, manifest, bytes);
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

/** Proves that the form of the graph that is served computes what the file says, where it is another. */
async function requireSameAsWritten(
  served: OnnxSession,
  { input }: ModelManifest,
  bytes: Uint8Array,
): Promise<void> {
  if (fastOnCpu(bytes) === bytes) return;
  const image = trialImage(input.width, input.height, 1);
  const tensor = new PixelTensorEncoder(input).encode([{ image, mirrored: false }]);
  const written = await OnnxSession.load(bytes, { intraOpThreads: 1, asWritten: true });
  try {
    const [expected, computed] = [await written.run(tensor), await served.run(tensor)];
    const differences = expected.map(({ data }, output) => relativeDifference(data, computed[output]?.data));
    const largest = Math.max(...differences);
    if (largest <= FORM_TOLERANCE) return;
    const message = `in the form that is faster here the graph computes something else: outputs differ by ${largest} of their largest number`;
    throw new Failure('MODEL_INVALID', message);
  } finally {
    await written.release();
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
