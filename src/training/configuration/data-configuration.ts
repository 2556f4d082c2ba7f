import { z } from 'zod';

import { IDENTITY_FORMATS } from '../../datasets/identities/identity-formats.js';
import { parsedAs } from './parsed-configuration.js';

const share = z.number().min(0).max(1);
const names = z.array(z.string().min(1));
/** Names of identities, or a file with a list of them. */
const listedNames = z.union([names, z.strictObject({ file: z.string().min(1) })]);

const openFormats = IDENTITY_FORMATS.map(({ name }) => name);

/** The place of images of identities; paths are relative to the configuration's folder. */
const placeSchema = z.strictObject({
  path: z.string().min(1),
  /** identity-folder: of each identity, only the images in this folder. */
  subfolder: z.string().optional(),
  /** identity-list: where its files are; else its own folder. */
  images: z.string().optional(),
  kind: z.enum(['photograph', 'aligned-crop']),
  tags: z.string().optional(),
  /** Whether images that cannot be read are left out and counted rather than end the run. */
  skipUnreadable: z.boolean().optional(),
});

/** A choice among the identities of a data set. */
const chosenIdentities = z.strictObject({ include: listedNames.optional(), exclude: listedNames.optional() });

/** A second data set whose identities are trained on too; none of them is held out. */
const replaySchema = placeSchema.extend({
  format: z.enum(openFormats),
  /** The identities that are replayed; where it is absent, all of them. */
  identities: chosenIdentities.optional(),
  /** The greatest number of those. */
  identityLimit: z.number().int().positive().optional(),
});
export type ReplaySettings = z.infer<typeof replaySchema>;

/** How data to train on is given. */
export const dataSchema = placeSchema.extend({
  /** enrolled-faces: a training job's snapshot, which only the job has the key to. */
  format: z.enum([...openFormats, 'enrolled-faces' as const]),
  replay: replaySchema.optional(),
  identities: chosenIdentities
    .extend({
      holdOut: z.union([names, z.strictObject({ fraction: share, seed: z.number().int() })]).optional(),
    })
    .prefault({}),
});

/** The settings of `data.replay` in a file of their own. @throws Failure INVALID_ARGUMENT naming the setting that is wrong */
export function parseReplaySettings(text: string, file: string): ReplaySettings {
  return parsedAs(replaySchema, text, file);
}
