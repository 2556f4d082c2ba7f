import { z } from 'zod';

import {
  arcFaceTemplate,
  dlibTemplate,
  type AlignmentTemplate,
} from '../../core/faces/alignment-template.js';
import { Failure } from '../../core/failure.js';
import { type ModelManifest, detectorFamilies } from '../../core/models/manifest.js';
import { precisions } from '../../core/models/precision.js';

/** Templates that a manifest may give by name instead of by their points. */
const namedTemplates: ReadonlyMap<string, AlignmentTemplate> = new Map(
  [arcFaceTemplate, dlibTemplate].map((template) => [template.name, template]),
);

const MAXIMUM_SIDE_PIXELS = 2048;
const MAXIMUM_DIMENSION = 4096;
/** The coarsest stride of the anchor-based detectors: their feature maps must tile the input. */
const COARSEST_STRIDE_PIXELS = 32;

const text = z.string().trim().min(1).max(500);
const sidePixels = z.int().min(16).max(MAXIMUM_SIDE_PIXELS);
const coordinate = z
  .number()
  .min(-MAXIMUM_SIDE_PIXELS)
  .max(2 * MAXIMUM_SIDE_PIXELS);
const point = z.strictObject({ x: coordinate, y: coordinate });
const fraction = z.number().min(0).max(1);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');

const bundleFile = z.strictObject({
  fileName: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}\.onnx$/, 'must be a plain name ending in .onnx'),
  sha256,
});

const nonZero = z.number().refine((value) => value !== 0, 'must not be 0');

/** How a graph takes pixels, and of what extents. */
export const manifestInput = z.strictObject({
  width: sidePixels,
  height: sidePixels,
  layout: z.enum(['NCHW', 'NHWC']),
  channelOrder: z.enum(['RGB', 'BGR']),
  mean: z.tuple([z.number(), z.number(), z.number()]),
  scale: z.tuple([nonZero, nonZero, nonZero]),
});

const templatePoints = z.strictObject(
  {
    name: text,
    width: sidePixels,
    height: sidePixels,
    landmarks: z.strictObject({
      leftEye: point,
      rightEye: point,
      nose: point,
      leftMouthCorner: point,
      rightMouthCorner: point,
    }),
  },
  {
    error: ({ code, input: value }) =>
      code === 'invalid_type' && typeof value === 'string'
        ? `no such template; known by name: ${[...namedTemplates.keys()].join(', ')}`
        : undefined,
  },
);

/** A template by its name, or by its points. */
export const alignmentTemplate = z.preprocess(
  (value) => (typeof value === 'string' ? (namedTemplates.get(value) ?? value) : value),
  templatePoints,
);

const described = {
  schemaVersion: z.literal(1),
  displayName: z
    .string()
    .max(64)
    .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, 'must be lower-case letters, digits, dots and dashes'),
  license: text,
  source: text,
};

const count = z.int().min(0);

const trainedOn = z.strictObject({ identityCount: count, faceCount: count, dataSha256: sha256 });
const seed = z.int().min(0);

const trainingMembers = { configuration: text, start: text, seeds: z.tuple([seed], seed), steps: count };

const training = z.strictObject({
  ...trainingMembers,
  data: trainedOn,
  replay: z.exactOptional(trainedOn),
});

const trainedOnPhotographs = z.strictObject({ photographCount: count, faceCount: count, dataSha256: sha256 });

const detectorTraining = z.strictObject({
  ...trainingMembers,
  data: trainedOnPhotographs,
  replay: z.exactOptional(trainedOnPhotographs),
});

const lineage = z.strictObject({
  parent: text,
  trainingJob: z.uuid(),
  identityCount: count,
  heldOutIdentityCount: count,
  heldOutBelow: fraction,
  faceCount: count,
  dataSha256: sha256,
  replay: z.exactOptional(trainedOn),
});

const selfCheck = z.strictObject({
  seed: z.int().min(0).max(0xffff_ffff),
  embeddings: z
    .array(z.array(z.number().min(-1).max(1)).max(MAXIMUM_DIMENSION))
    .min(1)
    .max(16),
});

const cosine = z.number().min(-1).max(1);

const thresholdBand = z.strictObject({
  upTo: z.number(),
  similarityThreshold: cosine,
  impostorPairCount: count,
});

const rises = (values: readonly number[]): boolean =>
  values.every((value, index) => index === 0 || value > (values[index - 1] ?? value));

const calibratedThreshold = z.strictObject({
  falseMatchRate: z.number().gt(0).lt(1),
  similarityThreshold: cosine,
  bands: z
    .array(thresholdBand)
    .min(1)
    .refine((bands) => rises(bands.map(({ upTo }) => upTo)), 'must be by rising upTo'),
});

const similarityBand = z.strictObject({
  upTo: z.number(),
  genuine: z.array(count).min(1),
  impostor: z.array(count).min(1),
});

const calibration = z.strictObject({
  description: text,
  thresholds: z
    .array(calibratedThreshold)
    .min(1)
    .refine(
      (thresholds) => rises(thresholds.map(({ falseMatchRate }) => -falseMatchRate)),
      'must be by falling falseMatchRate',
    ),
  logistic: z.strictObject({ slope: z.number(), offset: z.number() }),
  impostorPairCount: count,
  similarityBands: z.exactOptional(z.array(similarityBand)),
});

const backbone = z
  .strictObject({
    ...described,
    kind: z.literal('backbone'),
    graph: bundleFile,
    input: manifestInput,
    alignment: alignmentTemplate,
    embedding: z.strictObject({
      dimension: z.int().min(1).max(MAXIMUM_DIMENSION),
      testTimeAugmentation: z.enum(['none', 'horizontal-flip']),
      typicalNorm: z.exactOptional(
        z.strictObject({ mean: z.number().positive(), standardDeviation: z.number().positive() }),
      ),
    }),
    calibration: z.exactOptional(calibration),
    similarityThreshold: z.exactOptional(z.strictObject({ similarity: cosine, description: text })),
    selfCheck: z.exactOptional(selfCheck),
    lineage: z.exactOptional(lineage),
    training: z.exactOptional(training),
    precision: z.exactOptional(z.enum(precisions)),
  })
  .refine(
    ({ selfCheck: check, embedding }) =>
      check?.embeddings.every(({ length }) => length === embedding.dimension) ?? true,
    { path: ['selfCheck', 'embeddings'], message: "must be of the embedding's dimension" },
  )
  .refine((manifest) => manifest.alignment.width === manifest.input.width, {
    path: ['input', 'width'],
    message: "must equal the alignment template's width",
  })
  .refine((manifest) => manifest.alignment.height === manifest.input.height, {
    path: ['input', 'height'],
    message: "must equal the alignment template's height",
  });

const isMultipleOfStride = (side: number): boolean => side % COARSEST_STRIDE_PIXELS === 0;

const multipleOfStride = sidePixels.refine(isMultipleOfStride, 'must be a multiple of 32');

const detector = z
  .strictObject({
    ...described,
    kind: z.literal('detector'),
    family: z.enum(detectorFamilies),
    graphs: z.strictObject({
      detector: bundleFile,
      detectorLarge: z.exactOptional(bundleFile),
      closeUp: z.exactOptional(bundleFile),
    }),
    training: z.exactOptional(detectorTraining),
    closeUpTraining: z.exactOptional(detectorTraining),
    input: manifestInput.extend({ width: multipleOfStride, height: multipleOfStride }),
    minimumProbability: fraction,
    maximumOverlap: fraction,
  })
  .refine(
    ({ graphs }) => {
      const names = Object.values(graphs).map(({ fileName }) => fileName);
      return new Set(names).size === names.length;
    },
    { path: ['graphs'], message: 'must be files of different names' },
  );

const manifestSchema = z.discriminatedUnion('kind', [backbone, detector]);

/**
 * Checks a manifest from outside (docs/models/manifest.md lists its fields).
 * @param value parsed JSON
 * @throws Failure MODEL_INVALID with one violation a wrong field, as `manifest.<path>`
 */
export function parseManifest(value: unknown): ModelManifest {
  const result = manifestSchema.safeParse(value);
  if (result.success) return result.data;
  const violations = result.error.issues.map(({ path, message }) => ({
    field: ['manifest', ...path.map(String)].join('.'),
    description: message,
  }));
  const listing = violations.map(({ field, description }) => `${field}: ${description}`).join('; ');
  throw new Failure('MODEL_INVALID', `the manifest is not valid: ${listing}`, {}, violations);
}
