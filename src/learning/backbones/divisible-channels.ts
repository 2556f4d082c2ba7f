/** The multiple of the divisor next to a width, and no less than 0.9 of it (MobileNet's rule). */
export function divisibleChannels(width: number, divisor: number): number {
  const rounded = Math.max(divisor, Math.floor((width + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * width ? rounded + divisor : rounded;
}
