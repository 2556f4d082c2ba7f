import { resolve } from 'node:path';
import { readIdentityFolder } from '../../datasets/identities/identity-folder.js';
import { readIdentityList } from '../../datasets/identities/identity-list.js';
import { readInsightFaceRecords } from '../../datasets/identities/insightface-records.js';
import { readDataset } from '../../datasets/verification/read-dataset.js';
import type { TagFileSubject } from '../../datasets/tags/tag-lines.js';
import type {
  DatasetFormat,
  ImageDataset,
  TrainingDataFormat,
} from '../../core/protocols/benchmark-dataset.js';
import { CommandFailure } from '../command-failure.js';

/** Values of `--format`: the benchmarks', and those of training data. */
const FORMATS = {
  bin: 'insightface-bin',
  lfw: 'lfw-pairs',
  'cross-lfw': 'cross-lfw-pairs',
  'cfp-ff': 'cfp-frontal-frontal',
  'cfp-fp': 'cfp-frontal-profile',
  csv: 'pairs-csv',
  identities: 'identity-folder',
  list: 'identity-list',
  recordio: 'insightface-records',
} as const satisfies Record<string, DatasetFormat | TrainingDataFormat>;

export const TAG_FORMATS = Object.keys(FORMATS);

const formatsWithImageFolder: ReadonlySet<string> = new Set(['lfw', 'cross-lfw', 'csv', 'list']);

/** What says where the images are and how they are laid out. */
export interface DatasetOptions {
  readonly format: keyof typeof FORMATS;
  readonly images?: string;
  readonly subfolder?: string;
  readonly aligned?: true;
}

/** Images to tag, and what their tags are about. */
export interface DatasetToTag extends Omit<TagFileSubject, 'detectorVersion'> {
  readonly images: ImageDataset;
}

/** @throws Failure DATASET_INVALID where the data cannot be used; CommandFailure where options do not go together */
export async function readDatasetToTag(path: string, options: DatasetOptions): Promise<DatasetToTag> {
  const { format: choice, images: imageFolder, subfolder } = options;
  if (imageFolder !== undefined && !formatsWithImageFolder.has(choice)) {
    throw new CommandFailure(
      `--images goes with lists (lfw, cross-lfw, csv, list); ${choice} says itself where they are.`,
    );
  }
  if (subfolder !== undefined && choice !== 'identities') {
    throw new CommandFailure('--subfolder goes with --format identities.');
  }
  const format = FORMATS[choice];
  const imageKind = options.aligned ? 'aligned-crop' : 'photograph';
  if (format === 'identity-folder') {
    return { images: await readIdentityFolder(resolve(path), subfolder), format, imageKind };
  }
  if (format === 'insightface-records') {
    return { images: await readInsightFaceRecords(resolve(path)), format, imageKind: 'aligned-crop' };
  }
  const folder = imageFolder === undefined ? '' : resolve(imageFolder);
  if (format === 'identity-list') {
    return { images: await readIdentityList(resolve(path), folder), format, imageKind };
  }
  const dataset = await readDataset({ format, path: resolve(path), imageFolder: folder, imageKind });
  return { images: dataset, format, imageKind: dataset.kind };
}
