import { basename } from 'node:path';
import type { DatasetImageKind, VerificationDataset } from '../../../core/protocols/benchmark-dataset.js';
import { datasetFailure } from '../../dataset-failure.js';
import { folderDataset, type ListedPair } from '../../identities/image-folder.js';
import { readLines, type TextLine } from '../../text-lines.js';
import type { VerificationFormat } from '../verification-format.js';

const foldCount = 10;

export const crossLfwPairs = {
  name: 'cross-lfw-pairs',
  shortName: 'cross-lfw',
  takesImageFolder: true,
  read: ({ path, imageFolder, imageKind }) => readCrossLfwPairs(path, imageFolder, imageKind),
} as const satisfies VerificationFormat;

/**
 * The lists of CALFW and CPLFW (`pairs_CALFW.txt`, `pairs_CPLFW.txt`): two lines a pair, "image label", with the same
 * label on both: 0 for two persons, otherwise one. Ten contiguous folds, as InsightFace evaluates them.
 * @throws Failure DATASET_INVALID naming the line
 */
export async function readCrossLfwPairs(
  list: string,
  folder: string,
  kind: DatasetImageKind,
): Promise<VerificationDataset> {
  const file = basename(list);
  const lines = await readLines(list);
  if (lines.length % 2 !== 0)
    throw datasetFailure({ file }, `holds ${lines.length} lines, and a pair has two`);
  const listed: ListedPair[] = [];
  for (let index = 0; index + 1 < lines.length; index += 2) {
    const [first, second] = [lines[index], lines[index + 1]];
    if (first !== undefined && second !== undefined) listed.push(pairOf(file, first, second));
  }
  return folderDataset(folder, file, listed, kind, foldCount);
}

function pairOf(file: string, first: TextLine, second: TextLine): ListedPair {
  const [a, b] = [entryOf(file, first), entryOf(file, second)];
  if (a.label !== b.label)
    throw datasetFailure({ file, line: second.line }, 'has another label than its first line');
  return {
    first: { name: a.name, identity: identityOf(a.name) },
    second: { name: b.name, identity: identityOf(b.name) },
    genuine: a.label !== '0',
    line: first.line,
  };
}

function entryOf(file: string, { text, line }: TextLine): { readonly name: string; readonly label: string } {
  const [name, label, ...more] = text.split(/\s+/u);
  if (name === undefined || label === undefined || more.length > 0 || !/^\d+$/u.test(label)) {
    throw datasetFailure({ file, line }, 'must hold an image and a label');
  }
  return { name, label };
}

/** `Aaron_Eckhart_0001.jpg` shows Aaron_Eckhart. */
function identityOf(name: string): string {
  return basename(name).replace(/_\d+\.[^.]+$/u, '');
}
