import { basename } from 'node:path';
import type {
  DatasetImage,
  DatasetImageKind,
  VerificationDataset,
} from '../../../core/protocols/benchmark-dataset.js';
import { datasetFailure } from '../../dataset-failure.js';
import { folderDataset, type ListedPair } from '../../identities/image-folder.js';
import { readLines, type TextLine } from '../../text-lines.js';
import type { VerificationFormat } from '../verification-format.js';

export const lfwPairs = {
  name: 'lfw-pairs',
  shortName: 'lfw',
  takesImageFolder: true,
  read: ({ path, imageFolder, imageKind }) => readLfwPairs(path, imageFolder, imageKind),
} as const satisfies VerificationFormat;

/**
 * LFW's lists. View 2 (`pairs.txt`): "10 <tab> 300", then for each fold 300 lines "name n1 n2" of one person and 300
 * "name1 n1 name2 n2" of two. View 1 (`pairsDevTest.txt`): the count alone, one such block, no folds.
 * Images are `name/name_0001.jpg`.
 *
 * @param extension of the image files, with its dot
 * @throws Failure DATASET_INVALID naming the line
 */
export async function readLfwPairs(
  list: string,
  folder: string,
  kind: DatasetImageKind,
  extension = '.jpg',
): Promise<VerificationDataset> {
  const file = basename(list);
  const [head, ...rest] = await readLines(list);
  if (head === undefined) throw datasetFailure({ file }, 'is empty');
  const { foldCount, pairsOfAKind } = readHead(file, head);
  const expected = foldCount * pairsOfAKind * 2;
  if (rest.length !== expected) {
    const description = `holds ${rest.length} pairs where its first line promises ${expected}`;
    throw datasetFailure({ file, line: head.line }, description);
  }
  const listed = rest.map((line, index) => {
    const isGenuine = index % (2 * pairsOfAKind) < pairsOfAKind;
    return isGenuine ? genuinePair(file, line, extension) : impostorPair(file, line, extension);
  });
  return folderDataset(folder, file, listed, kind, foldCount);
}

function readHead(file: string, { text, line }: TextLine): { foldCount: number; pairsOfAKind: number } {
  const numbers = text.split(/\s+/u).map(Number);
  const [first = 0, second] = numbers;
  const isUsable = numbers.length <= 2 && numbers.every((value) => Number.isSafeInteger(value) && value > 0);
  if (!isUsable)
    throw datasetFailure({ file, line }, 'must say how many pairs follow, such as "10 300" or "500"');
  return second === undefined
    ? { foldCount: 1, pairsOfAKind: first }
    : { foldCount: first, pairsOfAKind: second };
}

function genuinePair(file: string, { text, line }: TextLine, extension: string): ListedPair {
  const [name, first, second, ...more] = text.split(/\s+/u);
  if (name === undefined || second === undefined || more.length > 0) {
    throw datasetFailure({ file, line }, 'must name one person and two numbers');
  }
  return {
    first: imageOf(file, line, name, first, extension),
    second: imageOf(file, line, name, second, extension),
    genuine: true,
    line,
  };
}

function impostorPair(file: string, { text, line }: TextLine, extension: string): ListedPair {
  const [name, first, other, second, ...more] = text.split(/\s+/u);
  if (name === undefined || other === undefined || second === undefined || more.length > 0) {
    throw datasetFailure({ file, line }, 'must name two persons, each with a number');
  }
  if (name === other) throw datasetFailure({ file, line }, 'names one person where two are expected');
  return {
    first: imageOf(file, line, name, first, extension),
    second: imageOf(file, line, other, second, extension),
    genuine: false,
    line,
  };
}

function imageOf(
  file: string,
  line: number,
  name: string,
  number: string | undefined,
  extension: string,
): DatasetImage {
  const value = Number(number);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw datasetFailure(
      { file, line },
      `has ${number ?? 'nothing'} where a photograph's number is expected`,
    );
  }
  const image = `${name}_${String(value).padStart(4, '0')}${extension}`;
  return { name: `${name}/${image}`, identity: name };
}
