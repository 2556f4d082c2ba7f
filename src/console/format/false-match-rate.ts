/** A false match rate as settings state it: "1e-3". */
export function falseMatchRateText(rate: number): string {
  return rate.toExponential().replace(/\.?0+e/u, 'e');
}
