/** Damage to the bytes of a file, as arbitraries: each gives a function from bytes to bytes. */
import fc from 'fast-check';

/** Inputs stay below this, so that thousands of them fit in seconds; what grows faster than its input shows far below. */
const maximumBytes = 4 * 1024 * 1024;

/** Where a file has its structure: at its ends, and between the images. */
const position = fc.oneof(
  fc.record({ from: fc.constant('start'), at: fc.nat(200) }),
  fc.record({ from: fc.constant('end'), at: fc.nat(200) }),
  fc.record({ from: fc.constant('anywhere'), at: fc.nat() }),
);

const telling = [0, 1, 0x7f, 0x80, 0xff];
const lengths = [
  0n,
  1n,
  0xffn,
  0x100n,
  0xffffn,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  1n << 53n,
  (1n << 64n) - 1n,
];

const bitFlip = fc.tuple(position, fc.nat(7)).map(([where, bit]) => (bytes) => {
  const changed = Buffer.from(bytes);
  const at = offsetIn(bytes, where);
  if (at < bytes.length) changed[at] ^= 1 << bit;
  return changed;
});

const byteChange = fc
  .tuple(position, fc.oneof(fc.constantFrom(...telling), fc.nat(255)))
  .map(([where, value]) => (bytes) => {
    const changed = Buffer.from(bytes);
    const at = offsetIn(bytes, where);
    if (at < bytes.length) changed[at] = value;
    return changed;
  });

const truncation = position.map((where) => (bytes) => bytes.subarray(0, offsetIn(bytes, where)));

const removal = fc.tuple(position, fc.integer({ min: 1, max: 64 })).map(
  ([where, count]) =>
    (bytes) =>
      replaced(bytes, offsetIn(bytes, where), count, Buffer.alloc(0)),
);

/** A number as a length field of 1, 2, 4 or 8 bytes holds it, over what is there. */
const lengthChange = fc
  .tuple(position, fc.constantFrom(1, 2, 4, 8), fc.constantFrom(...lengths))
  .map(([where, size, length]) => (bytes) => {
    const field = Buffer.alloc(8);
    field.writeBigUInt64LE(length);
    return replaced(bytes, offsetIn(bytes, where), size, field.subarray(0, size));
  });

const repetition = fc
  .tuple(position, fc.integer({ min: 1, max: 200 }), fc.oneof(fc.nat(20), fc.nat(200_000)))
  .map(([where, count, times]) => (bytes) => {
    const at = offsetIn(bytes, where);
    const piece = bytes.subarray(at, at + count);
    const fitting = Math.min(times, Math.floor((maximumBytes - bytes.length) / Math.max(1, piece.length)));
    return replaced(bytes, at, 0, repeated(piece, Math.max(0, fitting)));
  });

/** @param pieces bytes that mean something in the format */
function insertion(pieces) {
  return fc.tuple(position, fc.oneof(fc.constantFrom(...pieces), fc.uint8Array({ maxLength: 16 }))).map(
    ([where, piece]) =>
      (bytes) =>
        replaced(bytes, offsetIn(bytes, where), 0, piece),
  );
}

/** A part of another file of the format. */
function splice(corpus) {
  return fc
    .tuple(position, fc.constantFrom(...corpus), fc.nat(), fc.integer({ min: 1, max: 5000 }))
    .map(([where, other, from, count]) => (bytes) => {
      const start = from % Math.max(1, other.length);
      return replaced(bytes, offsetIn(bytes, where), 0, other.subarray(start, start + count));
    });
}

/**
 * Files of a corpus, damaged a few times.
 * @param corpus buffers, most of them valid
 * @param pieces bytes that mean something in the format
 */
export function damaged(corpus, pieces) {
  const damage = fc.oneof(
    { weight: 3, arbitrary: bitFlip },
    { weight: 3, arbitrary: byteChange },
    { weight: 1, arbitrary: truncation },
    { weight: 2, arbitrary: removal },
    { weight: 3, arbitrary: lengthChange },
    { weight: 2, arbitrary: repetition },
    { weight: 4, arbitrary: insertion(pieces) },
    { weight: 2, arbitrary: splice(corpus) },
  );
  return fc
    .tuple(fc.constantFrom(...corpus), fc.array(damage, { maxLength: 6 }))
    .map(([content, damages]) =>
      damages.reduce((bytes, apply) => Buffer.from(apply(bytes)).subarray(0, maximumBytes), content),
    );
}

/** @returns `piece` so often, one after the other */
export function repeated(piece, times) {
  return piece.length === 0 || times === 0 ? Buffer.alloc(0) : Buffer.alloc(piece.length * times, piece);
}

function offsetIn(bytes, { from, at }) {
  if (from === 'start') return Math.min(at, bytes.length);
  if (from === 'end') return Math.max(0, bytes.length - 1 - at);
  return bytes.length === 0 ? 0 : at % bytes.length;
}

function replaced(bytes, at, count, piece) {
  return Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at + count)]);
}
