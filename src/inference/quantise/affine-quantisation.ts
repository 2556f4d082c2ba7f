/** The numbers that a tensor takes. */
export interface ValueRange {
  readonly minimum: number;
  readonly maximum: number;
}

/** x ≈ scale · (q - zeroPoint), q an unsigned byte. */
export interface QuantisationParameters {
  readonly scale: number;
  /** 0 to 255 */
  readonly zeroPoint: number;
}

/** Filters as signed bytes, x ≈ scales[channel] · q. */
export interface QuantisedFilters {
  /** The bytes in the order of the filters, -127 to 127. */
  readonly values: Int8Array;
  /** [output channels] */
  readonly scales: Float32Array;
}

const LARGEST_BYTE = 255;
const LARGEST_SIGNED_BYTE = 127;
const LARGEST_INTEGER = 2 ** 31 - 1;

/**
 * The encoding of a range (Jacob et al., CVPR 2018, section 2.1): 0 is one of its numbers, so that padding is exact.
 * @throws RangeError where an end is not finite or the ends are in the wrong order
 */
export function quantisationParameters({ minimum, maximum }: ValueRange): QuantisationParameters {
  if (!Number.isFinite(minimum) || !Number.isFinite(maximum) || minimum > maximum)
    throw new RangeError(`${minimum} to ${maximum} is no range of numbers`);
  const [low, high] = [Math.min(0, minimum), Math.max(0, maximum)];
  // A tensor of zeros alone has any scale.
  const scale = Math.fround(high > low ? (high - low) / LARGEST_BYTE : 1);
  return { scale, zeroPoint: Math.min(LARGEST_BYTE, Math.max(0, Math.round(-low / scale))) };
}

/**
 * Filters with a scale of their own for each output channel, and 0 as 0.
 * @param values [output channels, …], row after row
 */
export function quantiseFilters(values: Float32Array, outputChannels: number): QuantisedFilters {
  const perChannel = values.length / outputChannels;
  const scales = new Float32Array(outputChannels);
  const bytes = new Int8Array(values.length);
  for (let channel = 0; channel < outputChannels; channel++) {
    const filter = values.subarray(channel * perChannel, (channel + 1) * perChannel);
    const largest = filter.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 0);
    const scale = Math.fround(largest > 0 ? largest / LARGEST_SIGNED_BYTE : 1);
    scales[channel] = scale;
    for (const [index, value] of filter.entries())
      bytes[channel * perChannel + index] = Math.max(
        -LARGEST_SIGNED_BYTE,
        Math.min(LARGEST_SIGNED_BYTE, Math.round(value / scale)),
      );
  }
  return { values: bytes, scales };
}

/** Biases in the unit of the sums that they are added to: the scale of the inputs times that of the filters. */
export function quantiseBiases(
  biases: Float32Array,
  inputScale: number,
  filterScales: Float32Array,
): Int32Array {
  return Int32Array.from(biases, (bias, channel) => {
    const steps = Math.round(bias / (inputScale * (filterScales[channel] ?? 1)));
    return Math.max(-LARGEST_INTEGER, Math.min(LARGEST_INTEGER, steps));
  });
}
