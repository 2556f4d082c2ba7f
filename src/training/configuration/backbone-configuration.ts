import { z } from 'zod';

import { BACKBONE_ARCHITECTURES } from '../../learning/backbones/catalogue.js';
import { TRAINABLE_NETWORKS } from '../pretrained/trainable-network.js';
import { alignmentTemplate, manifestInput } from '../../storage/models/manifest-schema.js';

/** How norms normalise: by the batch, by the batches of all processes that train together, or by running statistics. */
const normalisations = ['live', 'synchronised', 'frozen'] as const;

/** A network of the literature, trained from the start or from weights of its own. */
const designedSchema = z.strictObject({
  design: z.enum(BACKBONE_ARCHITECTURES.map(({ name }) => name)),
  embeddingSize: z.number().int().positive().max(4096).optional(),
  /** Height x width. */
  input: z.enum(['112x112', '112x96']).default('112x112'),
  /** Weights to start from: safetensors, or an ONNX file of the same network; else they are drawn. */
  weights: z
    .union([
      z.string(),
      z.strictObject({ onnx: z.string().min(1), channelOrder: z.enum(['RGB', 'BGR']).default('RGB') }),
    ])
    .optional(),
  normalisation: z.enum(normalisations).default('live'),
  /** Probability that a feature before the last matrix is dropped, where the design has such a layer. */
  dropout: z.number().min(0).max(0.999).optional(),
});

/** A network that npm ships, trained on from its weights. */
const pretrainedSchema = z.strictObject({
  pretrained: z.enum(TRAINABLE_NETWORKS),
  /** It has scales and offsets in the place of norms. */
  normalisation: z.literal('frozen').default('frozen'),
});

/** A network read from an ONNX file, trained on from the weights that are in it. */
const importedSchema = z.strictObject({
  onnx: z.string().min(1),
  /** How the file's network takes pixels, in the manifest's terms; where absent, as `models import` has it. */
  preprocessing: manifestInput
    .omit({ width: true, height: true })
    .extend({ alignment: alignmentTemplate })
    .partial()
    .prefault({}),
  /** Whether what serves adds a crop's mirror image; it is measured so, and what comes out serves so. */
  testTimeAugmentation: z.enum(['none', 'horizontal-flip']).optional(),
  /** How long the file's network makes embeddings of good photographs, for the manifest of what comes out. */
  typicalNorm: z
    .strictObject({ mean: z.number().positive(), standardDeviation: z.number().positive() })
    .optional(),
  /** Frozen: norms may be folded, and statistics of small batches are worse than the file's. */
  normalisation: z.enum(normalisations).default('frozen'),
});

export type ArchitectureConfiguration = z.infer<typeof designedSchema>;
export type OnnxBackboneConfiguration = z.infer<typeof importedSchema>;
export type PretrainedBackboneConfiguration = z.infer<typeof pretrainedSchema>;
/**
 * The network that is trained. The kinds are told apart by `onnx`, `design` and `pretrained`: each has one of them.
 */
export type BackboneConfiguration =
  ArchitectureConfiguration | OnnxBackboneConfiguration | PretrainedBackboneConfiguration;

const kinds = { design: designedSchema, onnx: importedSchema, pretrained: pretrainedSchema } as const;
const MESSAGE =
  'give one of design, a network of symface backbones, onnx, a file to fine-tune, and pretrained, a network that npm ships';

/** A union's own issues would name neither the setting nor what is wrong with it. */
export const backboneSchema = z.unknown().transform((value, context): BackboneConfiguration => {
  const isObject = typeof value === 'object' && value !== null;
  const [schema, ...others] = Object.entries(kinds).flatMap(([kind, its]) =>
    isObject && kind in value ? [its] : [],
  );
  if (schema === undefined || others.length > 0) {
    context.addIssue({ code: 'custom', message: MESSAGE });
    return z.NEVER;
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message });
  return z.NEVER;
});
