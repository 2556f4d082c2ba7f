import { describe, expect, it } from 'vitest';
import type { PickleTuple } from './pickle-values.js';
import { PickleError } from './pickle-machine.js';
import { readPickle } from './restricted-pickle.js';

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const textLength = 10_000;
const text = Buffer.concat([latin1('X'), uint32(textLength), Buffer.alloc(textLength, 'x')]);
/** A NumPy scalar of a type. */
const scalar = (code: string, bytes: string) =>
  readPickle(
    latin1(
      `cnumpy.core.multiarray\nscalar\ncnumpy\ndtype\nX\x02\0\0\0${code}\x85R` +
        `C${String.fromCharCode(bytes.length)}${bytes}\x86R.`,
    ),
  );

function refusalOf(...parts: readonly Uint8Array[]): string {
  // Large files are given whole, and not copied.
  const [only, ...more] = parts;
  try {
    readPickle(only !== undefined && more.length === 0 ? only : Buffer.concat(parts));
  } catch (error) {
    expect(error).toBeInstanceOf(PickleError);
    return (error as PickleError).message;
  }
  return 'it was read';
}

describe('readPickle', () => {
  it('refuses to make more bytes of texts than the file has', () => {
    const encode = latin1('c_codecs\nencode\nq\0');
    const again = latin1('h\0h\x01R'.repeat(textLength));
    expect(refusalOf(encode, text, latin1('\x85q\x01R'), again, latin1('.'))).toBe(
      'a text is used too often',
    );
    const array = latin1(
      'cnumpy.core.multiarray\n_reconstruct\n)R(K\x01)cnumpy\ndtype\nX\x02\0\0\0u1\x85R\x89',
    );
    const buildAgain = latin1('h\x02b'.repeat(textLength));
    expect(refusalOf(array, text, latin1('tq\x02b'), buildAgain, latin1('.'))).toBe(
      'a text is used too often',
    );
  });

  it('reads a text once for every time it is in the file', () => {
    const twice = [latin1('c_codecs\nencode\n'), text, latin1('\x85R')];
    const value = readPickle(Buffer.concat([...twice, ...twice, latin1('\x86.')]));
    expect((value as PickleTuple).items).toEqual([
      Buffer.alloc(textLength, 'x'),
      Buffer.alloc(textLength, 'x'),
    ]);
  });

  it('refuses more opcodes than data sets have, before the memo is full', () => {
    // MEMOIZE; a Map ends at 16.7 million entries, with an error of its own.
    const endless = Buffer.alloc(3_000_000, 0x94);
    expect(refusalOf(latin1(']'), endless)).toBe('more than 2000000 opcodes');
  });

  it('refuses a text that no string can hold', () => {
    // Nothing is written to it, so it takes no memory.
    const bytes = Buffer.alloc(600_000_000);
    Buffer.concat([latin1('X'), uint32(599_000_000)]).copy(bytes);
    expect(refusalOf(bytes)).toBe('a text is too long');
  });

  it('refuses names that are longer than any it knows', () => {
    expect(refusalOf(latin1('c'), Buffer.alloc(1_000_000, 'n'), latin1('\nx\n.'))).toBe(
      'a name does not end',
    );
    expect(refusalOf(text, latin1('X\x01\0\0\0x\x93.'))).toBe('a name is too long');
  });

  it('reads truth values of any number type, and nothing else as one', () => {
    expect([scalar('b1', '\x01'), scalar('b1', '\0')]).toEqual([true, false]);
    expect([scalar('i8', '\x01\0\0\0\0\0\0\0'), scalar('i8', '\0\0\0\0\0\0\0\0')]).toEqual([true, false]);
    for (const [code, bytes] of [
      ['b1', ''],
      ['i8', '\0\x01\0\0\0\0\0\0'],
      ['u1', '\x02'],
      ['f4', '\0\0\x80\x3f'],
      ['f4', '\0\0\0\0'],
    ] as const) {
      expect(() => scalar(code, bytes)).toThrow('neither 0 nor 1');
    }
  });
});
