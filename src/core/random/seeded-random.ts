/** mulberry32: 32 bits of state, uniform on [0, 1) in steps of 2^-32; small and reproducible in any language. */
export function uniformGenerator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Normally distributed, of mean 0 and deviation 1 (Box and Muller, 1958). */
export function standardNormal(uniform: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/**
 * A seed for one of many streams, such as an epoch's: neighbouring seeds and streams give unrelated numbers, and
 * (1, 2) others than (2, 1).
 */
export function streamSeed(seed: number, stream: number): number {
  return mixBits((mixBits(seed) + stream) >>> 0);
}

/** Puts elements into a random order, in place (Fisher and Yates). */
export function shuffle<Elements extends { readonly length: number; [index: number]: unknown }>(
  elements: Elements,
  uniform: () => number,
): Elements {
  for (let last = elements.length - 1; last > 0; last--) {
    const other = Math.floor(uniform() * (last + 1));
    [elements[last], elements[other]] = [elements[other], elements[last]];
  }
  return elements;
}

/** MurmurHash3's finaliser: every bit of the input reaches every bit of the result. */
function mixBits(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
