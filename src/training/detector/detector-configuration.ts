import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';

import { z } from 'zod';

import { overridden } from '../configuration/configuration-overrides.js';
import { invalidConfiguration, parsedAs, yamlValue } from '../configuration/parsed-configuration.js';
import { detectorDataSchema } from './data/detector-data-configuration.js';

const positiveInteger = z.number().int().positive();
const share = z.number().min(0).max(1);

const configurationSchema = z.strictObject({
  kind: z.literal('detector'),
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/u, 'lower-case letters, digits, dots and dashes'),
  seed: z.number().int().nonnegative().default(1),
  /** The photographs, their labels, and how samples are made of them. */
  data: detectorDataSchema,
  network: z
    .strictObject({
      /** What it looks at: photographs, or faces one by one from near (sidePixels is then data.closeUpSidePixels). */
      design: z.enum(['retinaface', 'close-up']).default('retinaface'),
      /** Channels of the feature pyramid. */
      width: positiveInteger.multipleOf(4).default(64),
      /** Channels of the first convolution. */
      stemChannels: positiveInteger.default(16),
    })
    .prefault({}),
  /** Threads that make samples beside the step. */
  threads: positiveInteger.default(1),
  batchSize: positiveInteger.max(1024).default(16),
  steps: positiveInteger,
  learningRate: z
    .strictObject({
      initial: z.number().positive().default(2e-3),
      warmUpSteps: z.number().int().nonnegative().default(200),
    })
    .prefault({}),
  weightDecay: share.default(0.01),
  gradientClipNorm: z.number().positive().default(10),
  /** What the averaged weights, which are measured and come out, keep of themselves from step to step. */
  averageDecay: share.default(0.998),
  /** Factors of the loss' terms; that of classes is 1. */
  loss: z
    .strictObject({ box: z.number().min(0).default(1), landmarks: z.number().min(0).default(0.5) })
    .prefault({}),
  checkpointEverySteps: positiveInteger.default(250),
  /** Also after so many minutes without one, however long steps take. */
  checkpointEveryMinutes: z.number().positive().default(10),
  evaluate: z
    .strictObject({
      everySteps: positiveInteger.default(500),
      /** Samples of photographs that are held out; 0 for none. */
      samples: z.number().int().nonnegative().default(200),
    })
    .prefault({}),
  /** Faces below this probability are dropped where the detector serves. */
  minimumProbability: share.default(0.5),
  /** The licence of the weights that come out, for `models import`. */
  license: z.string().min(1).default('unknown'),
});

/** What the training of a detector is told, with defaults for all that it is not. */
export type DetectorConfiguration = z.infer<typeof configurationSchema>;

/** A configuration, and where its paths begin. */
export interface LocatedDetectorConfiguration {
  readonly configuration: DetectorConfiguration;
  readonly folder: string;
}

/**
 * The configuration in a file that says `kind: detector`; undefined where it says otherwise, and is another kind's.
 * @param overrides `steps=4000`
 * @throws Failure INVALID_ARGUMENT naming the file and the setting that is wrong
 */
export async function readDetectorConfiguration(
  path: string,
  overrides: readonly string[] = [],
): Promise<LocatedDetectorConfiguration | undefined> {
  const written = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw invalidConfiguration(`${path} cannot be read`, cause);
  });
  const kind = z.looseObject({ kind: z.literal('detector') });
  if (!kind.safeParse(yamlValue(written, basename(path))).success) return undefined;
  const text = overridden(written, overrides, basename(path));
  return {
    configuration: parsedAs(configurationSchema, text, basename(path)),
    folder: dirname(resolve(path)),
  };
}
