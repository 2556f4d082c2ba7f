import { basename, resolve } from 'node:path';
import { z } from 'zod';

const share = z.number().min(0).max(1);
const weight = z.number().min(0);
const name = z.string().min(1);

/** A regular expression that is one. */
const expression = name.refine((text) => {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}, 'is no regular expression');

/** A folder of labelled photographs. */
const photographsSchema = z.strictObject({
  path: name,
  /** What the labels call it; else its own name. */
  set: name.optional(),
  /** How often one of its photographs is drawn, beside those of other folders. */
  weight: weight.default(1),
  /** Files whose path in the folder matches are drawn so many times as often. */
  oversample: z.array(z.strictObject({ match: expression, weight })).default([]),
  /** Photographs of `split: validation`: those in these folders of it, or in a share of its folders. */
  validation: z.union([z.strictObject({ folders: z.array(name) }), z.strictObject({ share })]).optional(),
  /** Larger photographs are shrunk to it. */
  maximumSidePixels: z.number().int().min(64).default(400),
});

/** How often each kind of image is made, as weights. */
const kindsSchema = z.strictObject({
  /** Several photographs, or pieces of them, on a background. */
  mosaic: weight.default(0.42),
  /** One photograph, or a part of one, that fills much of the image or more than it. */
  portrait: weight.default(0.25),
  /** Faces upright, half as wide as `closeUpSidePixels`, as the second look of the detector sees them. */
  closeUp: weight.default(0.2),
  /** No face: textures, pieces of photographs, parts of faces, faces upside down. */
  faceless: weight.default(0.13),
});

/** The probability of each change, to an image unless said otherwise. */
const augmentationSchema = z.strictObject({
  /** Of a face: a piece of something over a part of it. */
  occlusion: share.default(0.15),
  /** Of a face: a drawn mask over mouth and nose. */
  mask: share.default(0.05),
  /** Of a face: drawn sunglasses. */
  sunglasses: share.default(0.05),
  /** Faces of 10 to 44 pixels, enlarged, with noise and compression: a camera far away. */
  lowResolution: share.default(0.15),
  blur: share.default(0.2),
  /** Brightness, gamma, contrast, colour cast, saturation. */
  photometric: share.default(0.6),
  lowLight: share.default(0.1),
  grey: share.default(0.06),
  noise: share.default(0.35),
  jpeg: share.default(0.5),
});

/** How the images that a detector is trained on are made. */
export const detectorDataSchema = z.strictObject({
  /** A file of "symface dataset label-faces". */
  labels: name,
  photographs: z.array(photographsSchema).min(1),
  split: z.enum(['train', 'validation']).default('train'),
  /** The side of an image. */
  sidePixels: z.number().int().min(64).max(1024).default(256),
  /** The side of the detector's close-ups, in whose scale some faces are shown. */
  closeUpSidePixels: z.number().int().min(64).default(160),
  kinds: kindsSchema.prefault({}),
  augmentation: augmentationSchema.prefault({}),
  /** Decoded photographs take at most so much; all are shrunk further where they would not fit. */
  memoryBytes: z.number().int().positive().default(1_200_000_000),
});

export type DetectorDataSettings = z.infer<typeof detectorDataSchema>;
export type PhotographsSettings = DetectorDataSettings['photographs'][number];
export type DetectorAugmentation = DetectorDataSettings['augmentation'];

/** The settings with paths that hold wherever the process runs. @param folder the configuration's, which paths are relative to */
export function locatedDetectorData(settings: DetectorDataSettings, folder: string): DetectorDataSettings {
  return {
    ...settings,
    labels: resolve(folder, settings.labels),
    photographs: settings.photographs.map((entry) => ({
      ...entry,
      set: setName(entry),
      path: resolve(folder, entry.path),
    })),
  };
}

/** What the labels call the folder. */
export function setName({ set, path }: Pick<PhotographsSettings, 'set' | 'path'>): string {
  return set ?? basename(path);
}
