/** Numbers that are the same in every run (mulberry32): what broke once breaks again. */
export class Random {
  constructor(private state: number) {}

  /** @returns a number in [0, 1) */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = this.state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** @returns an integer in [0, limit) */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('there is nothing to pick from');
    return item;
  }
}

/** A file with some of its bytes changed, dropped, doubled or cut off. */
export function mutated(file: Uint8Array, random: Random): Buffer {
  let bytes = Buffer.from(file);
  for (let count = 1 + random.below(8); count > 0; count--) {
    const at = random.below(bytes.length);
    switch (random.below(5)) {
      case 0:
        bytes[at] = random.below(256);
        break;
      case 1:
        bytes[at] = random.pick([0, 0x7f, 0x80, 0xff]);
        break;
      case 2:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(32))]);
        break;
      case 3:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - 64))]);
        break;
      default:
        // Headers, where lengths and sizes are, are what readers trust most.
        bytes.writeUInt32BE(
          random.pick([0, 1, 0x7fffffff, 0x80000000, 0xffffffff]),
          random.below(Math.min(200, bytes.length - 4)),
        );
    }
    if (bytes.length < 8) return bytes;
  }
  return bytes;
}
