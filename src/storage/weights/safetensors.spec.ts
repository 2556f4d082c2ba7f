import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { Failure } from '../../core/failure.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import { floatOfHalf } from '../../core/models/half-precision.js';
import { readSafetensors, writeSafetensors } from './safetensors.js';

/** A file with this header, which may be anything, and as many bytes of data. */
function fileOf(header: unknown, dataBytes = 0): Uint8Array {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const file = Buffer.alloc(8 + text.length + dataBytes);
  file.writeBigUInt64LE(BigInt(text.length));
  text.copy(file, 8);
  return file;
}

function array(shape: number[], start: number, end: number, dtype = 'F32') {
  return { dtype, shape, data_offsets: [start, end] };
}

const weights: fc.Arbitrary<Weights> = fc
  .array(
    fc.tuple(
      fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__' && name !== '__proto__'),
      fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
    ),
  )
  .map(
    (entries) =>
      new Map(
        entries.map(([name, shape], number) => {
          const count = shape.reduce((product, extent) => product * extent, 1);
          return [
            name,
            { shape, values: Float32Array.from({ length: count }, (_, index) => number + index / 7) },
          ];
        }),
      ),
  );

describe('safetensors files', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(weights, (written) => {
        const read = readSafetensors(writeSafetensors(written, { format: 'symface' }));
        expect(Object.fromEntries(read)).toEqual(Object.fromEntries(written));
      }),
    );
  });

  it('are the same whatever the order of the arrays', () => {
    const a: [string, WeightArray] = ['a', { shape: [1], values: Float32Array.of(1) }];
    const b: [string, WeightArray] = ['b', { shape: [2], values: Float32Array.of(2, 3) }];
    expect(writeSafetensors(new Map([a, b]))).toEqual(writeSafetensors(new Map([b, a])));
  });

  it('have the layout of the format', () => {
    const file = Buffer.from(
      writeSafetensors(new Map([['w', { shape: [1], values: Float32Array.of(1.5) }]])),
    );
    const headerBytes = Number(file.readBigUInt64LE());
    expect(headerBytes % 8).toBe(0);
    expect(JSON.parse(file.toString('utf8', 8, 8 + headerBytes))).toEqual({ w: array([1], 0, 4) });
    expect(file.readFloatLE(8 + headerBytes)).toBe(1.5);
  });

  it('may hold half-precision arrays', () => {
    const file = Buffer.from(fileOf({ h: array([3], 0, 6, 'F16') }, 6));
    [0x3e00, 0xc000, 0x0001].forEach((bits, index) => file.writeUInt16LE(bits, file.length - 6 + 2 * index));
    expect(readSafetensors(file).get('h')?.values).toEqual(Float32Array.of(1.5, -2, 2 ** -24));
  });

  it('are written in half precision, rounded', () => {
    const values = Float32Array.of(1.5, 0.1, -3.14159);
    const file = writeSafetensors(new Map([['h', { shape: [3], values }]]), {}, 'F16');
    expect(file.length).toBeLessThan(writeSafetensors(new Map([['h', { shape: [3], values }]])).length);
    const read = readSafetensors(file).get('h')!;
    expect(read.shape).toEqual([3]);
    expect([...read.values]).toEqual([1.5, 0.0999755859375, -3.140625]);
  });

  it.each<[string, Uint8Array]>([
    ['it has 3 bytes, too few for a header', new Uint8Array(3)],
    ['exceeds the 0 there can be', Buffer.from('ffffffffffffffff', 'hex')],
    [
      'exceeds the 2 there can be',
      Buffer.concat([fileOf('').subarray(0, 0), Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 123, 125])]),
    ],
    ['its header is no JSON', fileOf('{')],
    ['its header is no JSON', fileOf('\u0000\u0001')],
    ['its header is no JSON object', fileOf('[1]')],
    ['__metadata__ is no record of strings', fileOf({ __metadata__: { a: 1 } })],
    ['w is not described by dtype, shape and data_offsets', fileOf({ w: [0, 4] })],
    ['w is not described by dtype, shape and data_offsets', fileOf({ w: array([-1], 0, 4) }, 4)],
    ['w is not described by dtype, shape and data_offsets', fileOf({ w: array([0.5], 0, 2) }, 2)],
    [
      'w is not described by dtype, shape and data_offsets',
      fileOf({ w: { ...array([1], 0, 4), extra: 1 } }, 4),
    ],
    ['w has elements of type I64, not F32 or F16', fileOf({ w: array([1], 0, 8, 'I64') }, 8)],
    ['w of shape [3] needs 12 bytes and has 4', fileOf({ w: array([3], 0, 4) }, 4)],
    ['w of shape [1] needs 4 bytes and has -4', fileOf({ w: array([1], 4, 0) }, 4)],
    ['w ends at byte 8 of 4', fileOf({ w: array([2], 0, 8) }, 4)],
    ['b overlaps the array before it', fileOf({ a: array([2], 0, 8), b: array([2], 4, 12) }, 12)],
    ['no array holds the bytes before b', fileOf({ a: array([1], 0, 4), b: array([1], 8, 12) }, 12)],
    ['4 bytes follow the last array', fileOf({ a: array([1], 0, 4) }, 8)],
  ])('are refused: %s', (message, file) => {
    expect(() => readSafetensors(file)).toThrow(Failure);
    expect(() => readSafetensors(file)).toThrow(message);
  });

  it('fail as MODEL_INVALID or are read, whatever their bytes', () => {
    const valid = writeSafetensors(new Map([['w', { shape: [2, 2], values: Float32Array.of(1, 2, 3, 4) }]]));
    fc.assert(
      fc.property(fc.nat({ max: valid.length - 1 }), fc.nat({ max: 255 }), (position, byte) => {
        const damaged = Uint8Array.from(valid);
        damaged[position] = byte;
        try {
          readSafetensors(damaged);
        } catch (error) {
          expect(error).toMatchObject({ name: 'Failure', reason: 'MODEL_INVALID' });
        }
      }),
    );
  });
});

describe('floatOfHalf', () => {
  it.each([
    [0x0000, 0],
    [0x3c00, 1],
    [0xbc00, -1],
    [0x7bff, 65_504],
    [0x0400, 2 ** -14],
    [0x03ff, 1023 * 2 ** -24],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
  ])('reads %i as %d', (bits, value) => {
    expect(floatOfHalf(bits)).toBe(value);
  });

  it('reads not-a-number', () => {
    expect(floatOfHalf(0x7e00)).toBeNaN();
  });
});
