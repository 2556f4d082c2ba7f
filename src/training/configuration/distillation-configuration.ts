import { z } from 'zod';

import { TRAINABLE_NETWORKS } from '../pretrained/trainable-network.js';

const teacherSchema = z.union(
  [
    /** A network that npm ships. */
    z.strictObject({ pretrained: z.enum(TRAINABLE_NETWORKS) }),
    /** The network that the run starts from, as it is then: what it knew is kept. */
    z.strictObject({ start: z.literal(true) }),
    /** A folder with backbone.onnx and manifest.json, as training leaves it. */
    z.strictObject({ model: z.string().min(1) }),
  ],
  `give one of pretrained, a network that npm ships (${TRAINABLE_NETWORKS.join(', ')}), start: true, the network that the run starts from, and model, a folder with backbone.onnx and manifest.json`,
);

/** Regression on the embeddings that a trained network has of the same faces. */
export const distillationSchema = z.strictObject({
  teacher: teacherSchema,
  /** The factor of the term. */
  weight: z.number().positive().max(1e6).default(1),
  /** Whether targets are the teacher's embeddings less their mean. */
  centre: z.boolean().default(true),
});

export type TeacherConfiguration = z.infer<typeof teacherSchema>;
