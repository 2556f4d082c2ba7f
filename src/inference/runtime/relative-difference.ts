/** Largest difference of two outputs over the largest absolute number in the first. */
export function relativeDifference(a: Float32Array | undefined, b: Float32Array | undefined): number {
  let largest = 0;
  let difference = 0;
  a?.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs(value - (b?.[index] ?? Infinity)));
  });
  return difference === 0 ? 0 : difference / largest;
}
