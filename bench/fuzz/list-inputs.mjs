/** Lists of pairs to fuzz the readers of text with: a small valid data set of each format, and damage to its files. */
import fc from 'fast-check';
import { damaged, repeated } from './byte-mutations.mjs';

/** Files of the data set: every list below names only these images. */
export const imageNames = [
  'Ada/Ada_0001.jpg',
  'Ada/Ada_0002.jpg',
  'Bob/Bob_0001.jpg',
  'Bob/Bob_0003.jpg',
  'Data/Images/001/frontal/01.jpg',
  'Data/Images/001/frontal/02.jpg',
  'Data/Images/001/profile/01.jpg',
];

const lfwList = '2\t1\nAda\t1\t2\nAda\t1\tBob\t1\nBob\t1\t3\nBob\t3\tAda\t2\n';
const crossList = 'Ada/Ada_0001.jpg 3\nAda/Ada_0002.jpg 3\nAda/Ada_0001.jpg 0\nBob/Bob_0001.jpg 0\n';
const csvList =
  '\uFEFFimage_a,image_b,same,identity_a,identity_b\nAda/Ada_0001.jpg,"Ada/Ada_0002.jpg",1,ada,ada\r\n' +
  'Ada/Ada_0001.jpg,Bob/Bob_0001.jpg,0,,bob\n';

/** Contents that are right, by path; `read` names what is registered. */
export const validFiles = {
  'pairs.txt': lfwList,
  'cross.txt': crossList,
  'pairs.csv': csvList,
  'Protocol/Pair_list_F.txt': '1 ../Data/Images/001/frontal/01.jpg\n2 ../Data/Images/001/frontal/02.jpg\n',
  'Protocol/Pair_list_P.txt': '1 ../Data/Images/001/profile/01.jpg\n',
  'Protocol/Split/FF/01/same.txt': '1,2\n',
  'Protocol/Split/FF/01/diff.txt': '2,1\n',
  'Protocol/Split/FP/01/same.txt': '2,1\n',
  'Protocol/Split/FP/01/diff.txt': '1,1\n',
};

const readAs = [
  ['lfw-pairs', 'pairs.txt', 'pairs.txt'],
  ['cross-lfw-pairs', 'cross.txt', 'cross.txt'],
  ['pairs-csv', 'pairs.csv', 'pairs.csv'],
  ['cfp-frontal-frontal', '.', 'Protocol/Pair_list_F.txt'],
  ['cfp-frontal-frontal', '.', 'Protocol/Split/FF/01/same.txt'],
  ['cfp-frontal-frontal', '.', 'Protocol/Split/FF/01/diff.txt'],
  ['cfp-frontal-profile', '.', 'Protocol/Pair_list_P.txt'],
  ['cfp-frontal-profile', '.', 'Protocol/Split/FP/01/same.txt'],
];

const words = [
  '\n',
  '\r\n',
  '\t',
  ' ',
  ',',
  '"',
  '""',
  '\0',
  '0',
  '1',
  '-1',
  '2',
  '300',
  '1e3',
  '0x10',
  'NaN',
  '1.5',
];
const numbers = ['9007199254740991', '9007199254740993', '99999999999999999999', '1e308', 'Infinity'];
const names = ['..', '../', '/', '/etc/passwd', 'Ada', 'Bob', 'Ada/Ada_0001.jpg', '__proto__', 'constructor'];
const lines = [
  'image_a,image_b,same',
  '10\t300\n',
  'Ada\t1\t2\n',
  'Ada\t1\tBob\t1\n',
  '1,2\n',
  '1 ../Data\n',
];
const odd = ['\uFEFF', '\u2028', '\u0085', '\uFFFD', '\u{1F600}', '\u202E', '\x1b[31m', '\x7f'];
const pieces = [...words, ...numbers, ...names, ...lines, ...odd].map((text) => Buffer.from(text));

const long = fc
  .tuple(
    fc.constantFrom(...Object.values(validFiles), 'image_a,image_b,same\n', '1 2\n', ''),
    fc.constantFrom(...pieces),
    fc.integer({ min: 1, max: 400_000 }),
    fc.constantFrom('', '\n', '\tx\n', ',x\n'),
  )
  .map(([start, piece, times, end]) =>
    Buffer.concat([
      Buffer.from(start),
      repeated(piece, Math.min(times, Math.floor(2_000_000 / piece.length))),
      Buffer.from(end),
    ]),
  );

const soup = fc.array(fc.constantFrom(...pieces), { maxLength: 60 }).map((parts) => Buffer.concat(parts));

/** @returns arbitrary of { format, read, path, content }: `path` is written, and `read` is read as `format` */
export function listInputs() {
  const corpus = Object.values(validFiles).map((text) => Buffer.from(text));
  return fc.constantFrom(...readAs).chain(([format, read, path]) => {
    const own = [Buffer.from(validFiles[path])];
    const content = fc.oneof(
      { weight: 6, arbitrary: damaged(own, pieces) },
      { weight: 2, arbitrary: damaged(corpus, pieces) },
      { weight: 2, arbitrary: soup },
      { weight: 1, arbitrary: long },
    );
    return content.map((bytes) => ({ format, read, path, content: bytes }));
  });
}
