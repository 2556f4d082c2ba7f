import { join } from 'node:path';
import { readdir } from 'node:fs/promises';
import type {
  DatasetImage,
  DatasetImageKind,
  VerificationDataset,
} from '../../../core/protocols/benchmark-dataset.js';
import { datasetFailure } from '../../dataset-failure.js';
import { folderDataset, type ListedPair } from '../../identities/image-folder.js';
import { readLines, type TextLine } from '../../text-lines.js';
import type { VerificationFormat } from '../verification-format.js';

/** Frontal with frontal, or frontal with profile. */
export type CfpSplit = 'FF' | 'FP';

/** Frontal faces with frontal ones, and frontal faces with profiles. */
export const cfpProtocol = [
  {
    name: 'cfp-frontal-frontal',
    shortName: 'cfp-ff',
    takesImageFolder: false,
    read: ({ path, imageKind }) => readCfpProtocol(path, 'FF', imageKind),
  },
  {
    name: 'cfp-frontal-profile',
    shortName: 'cfp-fp',
    takesImageFolder: false,
    read: ({ path, imageKind }) => readCfpProtocol(path, 'FP', imageKind),
  },
] as const satisfies readonly VerificationFormat[];

/**
 * Celebrities in Frontal-Profile as it is distributed: `Protocol/Split/{FF,FP}/NN/{same,diff}.txt` with lines "i,j" of
 * indices into `Protocol/Pair_list_F.txt` and `Pair_list_P.txt`, whose lines are "i path".
 * @param folder the one that holds `Protocol` and `Data`
 * @throws Failure DATASET_INVALID naming the file and the line
 */
export async function readCfpProtocol(
  folder: string,
  split: CfpSplit,
  kind: DatasetImageKind,
): Promise<VerificationDataset> {
  const protocol = join(folder, 'Protocol');
  const frontal = await readIndex(join(protocol, 'Pair_list_F.txt'), 'Pair_list_F.txt');
  const other =
    split === 'FF' ? frontal : await readIndex(join(protocol, 'Pair_list_P.txt'), 'Pair_list_P.txt');
  const splitFolder = join(protocol, 'Split', split);
  const entries = await readdir(splitFolder).catch((cause: unknown) => {
    throw datasetFailure({ file: `Protocol/Split/${split}` }, 'is not there', cause);
  });
  const listed: ListedPair[] = [];
  const sizes = new Set<number>();
  const folds = entries.filter((name) => /^\d+$/u.test(name)).sort();
  for (const fold of folds) {
    const before = listed.length;
    for (const [name, genuine] of [
      ['same.txt', true],
      ['diff.txt', false],
    ] as const) {
      const file = `Protocol/Split/${split}/${fold}/${name}`;
      const lines = await readLines(join(splitFolder, fold, name));
      for (const line of lines) listed.push(pairOf(file, line, frontal, other, genuine));
    }
    sizes.add(listed.length - before);
  }
  if (sizes.size > 1) {
    throw datasetFailure({ file: `Protocol/Split/${split}` }, 'has folds of different sizes');
  }
  return folderDataset(folder, `Protocol/Split/${split}`, listed, kind, folds.length);
}

async function readIndex(path: string, file: string): Promise<ReadonlyMap<string, DatasetImage>> {
  const index = new Map<string, DatasetImage>();
  for (const { text, line } of await readLines(path)) {
    const [number, listed, ...more] = text.split(/\s+/u);
    if (number === undefined || listed === undefined || more.length > 0) {
      throw datasetFailure({ file, line }, 'must hold a number and a path');
    }
    // Paths are relative to the folder of the list: ../Data/Images/001/frontal/01.jpg.
    const name = listed.replace(/^(?:\.\.\/)+/u, '');
    const identity = name.split('/').at(-3);
    index.set(number, { name, identity });
  }
  return index;
}

function pairOf(
  file: string,
  { text, line }: TextLine,
  frontal: ReadonlyMap<string, DatasetImage>,
  other: ReadonlyMap<string, DatasetImage>,
  genuine: boolean,
): ListedPair {
  const [a = '', b = '', ...more] = text.split(',').map((part) => part.trim());
  const [first, second] = [frontal.get(a), other.get(b)];
  if (first === undefined || second === undefined || more.length > 0) {
    throw datasetFailure({ file, line }, 'must hold the indices of two images in the lists');
  }
  return { first, second, genuine, line };
}
