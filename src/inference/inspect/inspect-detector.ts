import type { ModelValidation } from '../workers/model-validator.js';
import { landmarkPoints } from '../../core/faces/landmarks.js';
import { Failure } from '../../core/failure.js';
import type { DetectedFace } from '../../core/faces/face.js';
import type { DetectorManifest } from '../../core/models/manifest.js';
import { detectorDecoders } from '../detect/detector-decoders.js';
import type { OnnxSession } from '../runtime/onnx-session.js';
import { PixelTensorEncoder } from '../runtime/pixel-tensor.js';
import { medianRunMs, trialImage } from '../runtime/trial-run.js';

/** Rounding of a softmax or sigmoid may step over the interval by this much. */
const PROBABILITY_TOLERANCE = 1e-5;

/**
 * Runs a detector on a test image and decodes every anchor.
 * @throws Failure MODEL_INVALID where the outputs are not those of the family, or are not finite
 */
export async function inspectDetector(
  session: OnnxSession,
  manifest: DetectorManifest,
): Promise<ModelValidation> {
  const { family, input } = manifest;
  const image = trialImage(input.width, input.height, 1);
  const tensor = new PixelTensorEncoder(input).encode([{ image, mirrored: false }]);
  const outputs = await session.run(tensor);
  for (const [index, { data }] of outputs.entries()) {
    if (!data.every(Number.isFinite)) {
      const name = session.outputs[index]?.name ?? '';
      throw new Failure('MODEL_INVALID', `output ${name} has numbers that are not finite on a test image`);
    }
  }
  detectorDecoders[family](outputs, input, -Infinity).forEach(requireSensible);
  return { inferenceMs: await medianRunMs(() => session.run(tensor)) };
}

function requireSensible({ box, landmarks, probability }: DetectedFace): void {
  if (probability < -PROBABILITY_TOLERANCE || probability > 1 + PROBABILITY_TOLERANCE) {
    throw new Failure(
      'MODEL_INVALID',
      `the graph gives ${probability} as a probability: export it with its softmax or sigmoid`,
    );
  }
  const points = landmarkPoints(landmarks).flatMap(({ x, y }) => [x, y]);
  if (![box.x, box.y, box.width, box.height, ...points].every(Number.isFinite)) {
    throw new Failure('MODEL_INVALID', 'the graph places a face at infinity on a test image');
  }
}
