import { resolve } from 'node:path';
import type { ImageDataset } from '../../core/protocols/benchmark-dataset.js';
import { IDENTITY_FORMATS, identityDataset } from '../../datasets/identities/identity-formats.js';
import type { PassedOver } from '../../datasets/identities/passed-over.js';
import type { TagFileSubject } from '../../datasets/tags/tag-lines.js';
import { readDataset, VERIFICATION_FORMATS } from '../../datasets/verification/verification-formats.js';
import { CommandFailure } from '../command-failure.js';

/** A layout that is both is taken for what it holds, not for pairs of it. */
const pairFormats = VERIFICATION_FORMATS.filter(
  ({ name }) => !IDENTITY_FORMATS.some((format) => format.name === name),
);
const FORMATS = [...pairFormats, ...IDENTITY_FORMATS];

/** Values of `--format`: the benchmarks', and those of training data. */
export const TAG_FORMATS = FORMATS.map(({ shortName }) => shortName);

/** Formats whose images may lie elsewhere than what says which they are. */
const takesImages = FORMATS.filter((format) =>
  'read' in format ? format.takesImageFolder : format.takes.includes('imageFolder'),
).map(({ shortName }) => shortName);
/** Formats of which one folder of each identity can be taken. */
const takesSubfolder = IDENTITY_FORMATS.filter(({ takes }) => takes.includes('subfolder')).map(
  ({ shortName }) => shortName,
);

/** What says where the images are and how they are laid out. */
export interface DatasetOptions {
  /** One of TAG_FORMATS. */
  readonly format: string;
  readonly images?: string;
  readonly subfolder?: string;
  readonly aligned?: true;
}

/** Images to tag, and what their tags are about. */
export interface DatasetToTag extends Omit<TagFileSubject, 'detectorVersion'> {
  readonly images: ImageDataset;
  /** What was seen beside the images and is not used. */
  readonly passedOver: readonly PassedOver[];
  /** What else whoever uses them should know, as sentences without their full stop. */
  readonly remarks: readonly string[];
}

/** @throws Failure DATASET_INVALID where the data cannot be used; CommandFailure where options do not go together */
export async function readDatasetToTag(path: string, options: DatasetOptions): Promise<DatasetToTag> {
  const { images, subfolder } = options;
  const format = FORMATS.find(({ shortName }) => shortName === options.format);
  if (format === undefined) throw new RangeError(`there is no format ${options.format}`);
  if (images !== undefined && !takesImages.includes(format.shortName)) {
    const message = `--images goes with lists (${takesImages.join(', ')}); ${format.shortName} says itself where they are.`;
    throw new CommandFailure(message);
  }
  if (subfolder !== undefined && !takesSubfolder.includes(format.shortName)) {
    throw new CommandFailure(`--subfolder goes with --format ${takesSubfolder.join(', ')}.`);
  }
  const { name } = format;
  const located = resolve(path);
  const imageKind = options.aligned ? 'aligned-crop' : 'photograph';
  const imageFolder = images === undefined ? '' : resolve(images);
  if ('read' in format) {
    const dataset = await readDataset({ format: name, path: located, imageFolder, imageKind });
    return { images: dataset, format: name, imageKind: dataset.kind, passedOver: [], remarks: [] };
  }
  const faces = await format.open({
    path: located,
    ...(subfolder === undefined ? {} : { subfolder }),
    ...(imageFolder === '' ? {} : { imageFolder }),
  });
  const { passedOver = [], remarks = [] } = faces;
  return {
    images: identityDataset(faces),
    format: name,
    imageKind: format.imageKind ?? imageKind,
    passedOver,
    remarks,
  };
}
