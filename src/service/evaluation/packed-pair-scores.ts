import type { PairScores } from '../../core/protocols/pair-scores.js';
import type { PairIdentities } from '../../core/protocols/metrics/identity-bootstrap.js';

/**
 * The bytes of a pair, little-endian: float64 similarity, uint8 flags, int32 number of each person (-1: not named).
 */
const bytesPerPair = 17;
const genuineFlag = 1;
const rightFlag = 2;

/** Packs pairs into bytes. Persons become numbers: who they are is the data set's business. */
export function packPairScores({ similarities, genuine, decidedRightly, identities }: PairScores): Buffer {
  const numbers = new Map<string, number>();
  const numberOf = (name: string | undefined): number => {
    if (name === undefined) return -1;
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    return number;
  };
  const packed = Buffer.alloc(genuine.length * bytesPerPair);
  for (const [pair, isGenuine] of genuine.entries()) {
    const at = pair * bytesPerPair;
    packed.writeDoubleLE(similarities[pair] ?? Number.NaN, at);
    packed.writeUInt8((isGenuine ? genuineFlag : 0) | (decidedRightly[pair] ? rightFlag : 0), at + 8);
    packed.writeInt32LE(numberOf(identities?.[pair]?.[0]), at + 9);
    packed.writeInt32LE(numberOf(identities?.[pair]?.[1]), at + 13);
  }
  return packed;
}

export function unpackPairScores(packed: Buffer): PairScores {
  const offsets = Array.from({ length: packed.length / bytesPerPair }, (_, pair) => pair * bytesPerPair);
  const flags = offsets.map((at) => packed.readUInt8(at + 8));
  const persons = offsets.map((at) => [packed.readInt32LE(at + 9), packed.readInt32LE(at + 13)] as const);
  const isNamed = persons.every(([first, second]) => first >= 0 && second >= 0);
  return {
    similarities: Float64Array.from(offsets, (at) => packed.readDoubleLE(at)),
    genuine: flags.map((flag) => (flag & genuineFlag) !== 0),
    decidedRightly: flags.map((flag) => (flag & rightFlag) !== 0),
    identities: isNamed
      ? persons.map(([first, second]): PairIdentities => [String(first), String(second)])
      : undefined,
  };
}
