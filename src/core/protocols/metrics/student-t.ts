/**
 * Chance that Student's t of so many degrees of freedom lies within ±t. For whole degrees of freedom it is a finite sum
 * (Abramowitz and Stegun 26.7.3 and 26.7.4, with θ = atan(t / √ν)).
 * @throws RangeError where the degrees of freedom are no whole number from 1 on
 */
export function studentTWithin(t: number, degreesOfFreedom: number): number {
  if (!Number.isInteger(degreesOfFreedom) || degreesOfFreedom < 1) {
    throw new RangeError('degrees of freedom are a whole number from 1 on');
  }
  const angle = Math.atan(t / Math.sqrt(degreesOfFreedom));
  const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = degreesOfFreedom % 2 === 1;
  // cos θ (1 + 2/3 cos² θ + 2·4/(3·5) cos⁴ θ …) or 1 + 1/2 cos² θ + 1·3/(2·4) cos⁴ θ …, up to cos^(ν-2) θ
  let term = isOdd ? cosine : 1;
  let sum = 0;
  for (let power = isOdd ? 1 : 0; power <= degreesOfFreedom - 2; power += 2) {
    sum += term;
    term *= (cosine * cosine * (power + 1)) / (power + 2);
  }
  return isOdd ? (2 / Math.PI) * (angle + sine * sum) : sine * sum;
}

/**
 * The t within whose ± Student's t lies with a chance: 4.303 for 0.95 and two degrees of freedom.
 * @param chance above 0 and below 1
 * @throws RangeError where either is out of its range
 */
export function studentTQuantile(chance: number, degreesOfFreedom: number): number {
  if (!(chance > 0 && chance < 1)) throw new RangeError('a chance lies between 0 and 1');
  let [low, high] = [0, 1];
  while (studentTWithin(high, degreesOfFreedom) < chance) high *= 2;
  // Bisection to the last bit that a double has.
  for (let middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2) {
    if (studentTWithin(middle, degreesOfFreedom) < chance) low = middle;
    else high = middle;
  }
  return high;
}
