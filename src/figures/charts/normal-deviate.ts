/** Coefficients of Acklam's rational approximations (2003) of the normal distribution's inverse. */
const central = {
  a: [
    -3.969683028665376e1, 2.209460984245205e2, -2.759285104469687e2, 1.38357751867269e2, -3.066479806614716e1,
    2.506628277459239,
  ],
  b: [
    -5.447609879822406e1, 1.615858368580409e2, -1.556989798598866e2, 6.680131188771972e1,
    -1.328068155288572e1, 1,
  ],
} as const;
const tail = {
  c: [
    -7.784894002430293e-3, -3.223964580411365e-1, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ],
  d: [7.784695709041462e-3, 3.224671290700398e-1, 2.445134137142996, 3.754408661907416, 1],
} as const;
const tailBelow = 0.02425;

/**
 * The normal deviate of a probability, to a relative error of 1.2e-9: what the axes of a DET curve are spaced by, so that
 * normally distributed similarities make a straight line (Martin et al., "The DET curve in assessment of detection task
 * performance", Eurospeech 1997).
 * @param probability between 0 and 1, neither of them
 */
export function normalDeviate(probability: number): number {
  if (probability > 1 - tailBelow) return -normalDeviate(1 - probability);
  if (probability < tailBelow) {
    const q = Math.sqrt(-2 * Math.log(probability));
    return polynomial(tail.c, q) / polynomial(tail.d, q);
  }
  const q = probability - 0.5;
  return (polynomial(central.a, q * q) * q) / polynomial(central.b, q * q);
}

/** By Horner's rule, the highest power first. */
function polynomial(coefficients: readonly number[], x: number): number {
  return coefficients.reduce((sum, coefficient) => sum * x + coefficient, 0);
}
