const bases = new Map<number, Float64Array>();

/**
 * The two-dimensional discrete cosine transform of an image, orthonormal (DCT-II; Ahmed, Natarajan and Rao, 1974): the sum of
 * squares stays the same, white noise stays white with its deviation, and the coefficients below k along both axes are all that
 * an image of k times k pixels could hold.
 * @param values [height, width]
 * @returns [height, width] coefficients, the mean's first
 */
export function cosineTransform(values: Float32Array, width: number): Float32Array {
  const height = values.length / width;
  const rows = alongRows(values, width, height);
  return alongRows(rows, height, width);
}

/** Transforms each row, and puts it into a column. @returns [width, height] */
function alongRows(values: Float32Array, width: number, height: number): Float32Array {
  const basis = basisOf(width);
  const changed = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < width; k++) {
      let sum = 0;
      for (let x = 0; x < width; x++) sum += (values[y * width + x] ?? 0) * (basis[k * width + x] ?? 0);
      changed[k * height + y] = sum;
    }
  }
  return changed;
}

/** @returns [length, length] the cosines, frequency after frequency */
function basisOf(length: number): Float64Array {
  const known = bases.get(length);
  if (known !== undefined) return known;
  const basis = Float64Array.from({ length: length * length }, (_, index) => {
    const [frequency, place] = [Math.floor(index / length), index % length];
    const norm = Math.sqrt((frequency === 0 ? 1 : 2) / length);
    return norm * Math.cos((Math.PI * (place + 0.5) * frequency) / length);
  });
  bases.set(length, basis);
  return basis;
}
