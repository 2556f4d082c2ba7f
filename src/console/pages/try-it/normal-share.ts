/** The share of a normal distribution below a deviate (Abramowitz and Stegun 26.2.17, within 1e-7). */
export function normalShareBelow(deviate: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(deviate));
  const density = Math.exp((-deviate * deviate) / 2) / Math.sqrt(2 * Math.PI);
  const tail =
    density *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return deviate > 0 ? 1 - tail : tail;
}
