/** Pickles to fuzz the reader of `.bin` files with: damaged ones, made-up programs, and small files that ask for much. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { damaged, repeated } from './byte-mutations.mjs';

const goldenFile = new URL('../../test/numerics/golden/pickles.json', import.meta.url);

const latin1 = (text) => Buffer.from(text, 'latin1');

/** Protocol 2's way to write bytes: _codecs.encode(text, 'latin1'), callable and arguments kept under 0 and 1. */
const encode = (text) =>
  Buffer.concat([
    latin1('c_codecs\nencode\nq\0X'),
    uint32(text.length),
    text,
    latin1('X\x06\0\0\0latin1\x86q\x01R'),
  ]);
/** An array of the bytes of a text; callable, arguments and state kept under 0, 1 and 2. */
const array = (text) =>
  Buffer.concat([
    latin1('cnumpy.core.multiarray\n_reconstruct\nq\0cnumpy\nndarray\nK\0\x85C\x01b\x87q\x01R'),
    latin1('(K\x01K\x01\x85cnumpy\ndtype\nX\x02\0\0\0u1\x85R\x89X'),
    uint32(text.length),
    text,
    latin1('tq\x02b'),
  ]);

/** Programs that make the reader do or keep more than they are long, were it careless. */
const bombs = {
  'the same text encoded again and again': (n) => [
    latin1(']('),
    encode(repeated(latin1('x'), n)),
    repeated(latin1('h\0h\x01R'), n / 5),
    latin1('e.'),
  ],
  'arrays that share a state': (n) => [
    latin1(']('),
    array(repeated(latin1('x'), n)),
    repeated(latin1('h\0h\x01Rh\x02b'), n / 8),
    latin1('e.'),
  ],
  'an array whose state is set again and again': (n) => [
    array(repeated(latin1('x'), n)),
    repeated(latin1('h\x02b'), n / 3),
    latin1('.'),
  ],
  'tuples in tuples': (n) => [latin1(']'), repeated(latin1('\x85'), n), latin1('.')],
  'lists in lists': (n) => [repeated(latin1(']'), n), repeated(latin1('a'), n - 1), latin1('.')],
  'marks in marks': (n) => [repeated(latin1('('), n), latin1('].')],
  'marks that are taken': (n) => [repeated(latin1('('), n), repeated(latin1('t'), n), latin1('.')],
  'a list that holds itself': (n) => [latin1(']\x94'), repeated(latin1('h\0a'), n), latin1('.')],
  'a list that doubles, were tuples flat': (n) => [
    latin1(']'),
    repeated(latin1('\x94h\0h\0\x86'), n),
    latin1('.'),
  ],
  'a memo of everything': (n) => [latin1(']'), repeated(latin1('\x94'), n), latin1('.')],
  'a memo far apart': (n) => [
    latin1(']'),
    ...Array.from({ length: Math.min(n, 50_000) }, (_, index) =>
      Buffer.concat([latin1('r'), uint32(index * 85_000)]),
    ),
    latin1('.'),
  ],
  'a stack that only grows': (n) => [repeated(latin1('K\x01'), n), latin1('.')],
  'empty lists': (n) => [latin1(']('), repeated(latin1(']'), n), latin1('e](\x88e\x86.')],
  'a long name': (n) => [latin1('c'), repeated(latin1('n'), n), latin1('\nx\n.')],
  'a long name on the stack': (n) => [
    latin1('X'),
    uint32(n),
    repeated(latin1('n'), n),
    latin1('X\x01\0\0\0x\x93.'),
  ],
  'frames in frames': (n) => [repeated(latin1('\x95\0\0\0\0\0\0\0\0'), n), latin1('].')],
  'a length beyond the file in every entry': (n) => [
    latin1(']('),
    repeated(latin1('C\0'), n),
    latin1('B\xff\xff\xff\x7f'),
  ],
};

const bomb = fc
  .tuple(
    fc.constantFrom(...Object.values(bombs)),
    fc.oneof(fc.integer({ min: 8, max: 300 }), fc.integer({ min: 8, max: 400_000 })),
  )
  .map(([program, n]) => Buffer.concat(program(n)));

/** Opcodes with operands, allowed and refused, and runs of them that belong together. */
const pieces = [
  ...'().]labRtes0'.split('').map(latin1),
  ...[0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x93, 0x94, 0x4e].map((code) => Buffer.from([code])),
  ...['\x80\x04', '\x80\x05', '\x80\x06', '\x80\xff', 'K\x01', 'M\x01\x02', 'J\xff\xff\xff\xff'].map(latin1),
  ...['h\0', 'h\x01', 'h\x05', 'j\x02\0\0\0', 'q\0', 'q\x01', 'q\xff', 'r\xff\xff\xff\xff'].map(latin1),
  ...['C\0', 'C\x03abc', 'U\x02ab', 'B\x01\0\0\0a', 'T\x01\0\0\0a', 'X\x02\0\0\0u1', '\x8c\x01x'].map(latin1),
  ...['B\xff\xff\xff\xff', 'X\xff\xff\xff\x7f', 'T\0\0\0\x80'].map(latin1),
  ...['\x8e', '\x8d', '\x96', '\x95'].map((code) => latin1(`${code}\xff\xff\xff\xff\xff\xff\xff\x7f`)),
  ...['\x8e', '\x8d', '\x96', '\x95'].map((code) => latin1(`${code}\x01\0\0\0\0\0\0\0a`)),
  ...['\x8a\x01\x05', '\x8a\x06\xff\xff\xff\xff\xff\xff', '\x8b\xff\xff\xff\xff', '\x8a\0'].map(latin1),
  ...['c_codecs\nencode\n', 'cnumpy\nndarray\n', 'cnumpy\ndtype\n', 'cos\nsystem\n', 'c\n\n'].map(latin1),
  ...['cnumpy.core.multiarray\nscalar\n', 'cnumpy.core.numeric\n_frombuffer\n', 'i__main__\nx\n'].map(latin1),
  encode(latin1('abc')),
  array(latin1('abc')),
  array(Buffer.alloc(0)),
];

/** Programs of opcodes in any order: most fail early, some come to an end. */
const program = fc
  .tuple(
    fc.array(fc.constantFrom(...pieces), { maxLength: 80 }),
    fc.constantFrom(latin1('.'), latin1('\x86.'), latin1('](\x88e\x86.'), Buffer.alloc(0)),
  )
  .map(([parts, end]) => Buffer.concat([...parts, end]));

/**
 * @param binFolder folder of real `.bin` files; they are used where it is there
 * @returns arbitrary of file contents
 */
export function pickleInputs(binFolder) {
  const { good, bad } = JSON.parse(readFileSync(goldenFile, 'utf8'));
  const small = [...Object.values(good), ...Object.values(bad)].map((content) =>
    Buffer.from(content, 'base64'),
  );
  const real = existsSync(binFolder)
    ? readdirSync(binFolder)
        .filter((name) => name.endsWith('.bin'))
        .map((name) => readFileSync(join(binFolder, name)))
    : [];
  return fc.oneof(
    { weight: 8, arbitrary: damaged(small, pieces) },
    { weight: 5, arbitrary: program },
    { weight: 3, arbitrary: bomb },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
    ...(real.length === 0 ? [] : [{ weight: 3, arbitrary: damaged(real, pieces) }]),
  );
}

function uint32(value) {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
