/** The value of a 16-bit float (IEEE 754 binary16) given by its bits. */
export function floatOfHalf(bits: number): number {
  const sign = bits >>> 15 === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Scratch space to see a float's bits. */
const bitsOfFloat = new DataView(new ArrayBuffer(4));

/**
 * The bits of the 16-bit float that is nearest to a number, the even one of two; infinity where it is too large
 * (65,520 and more).
 */
export function halfOfFloat(value: number): number {
  bitsOfFloat.setFloat32(0, value);
  const bits = bitsOfFloat.getUint32(0);
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x47800000) return sign | 0x7c00;
  // Below the smallest normal one: a whole number of the smallest steps.
  if (magnitude < 0x38800000) return sign | roundedToEven(Math.abs(Math.fround(value)) * 2 ** 24);
  // The exponent's bias falls by 112, the fraction by 13 bits; rounding may carry into the exponent, up to infinity.
  const kept = (magnitude - 0x38000000) / 2 ** 13;
  return sign | roundedToEven(kept);
}

function roundedToEven(value: number): number {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 === 1) ? whole + 1 : whole;
}
