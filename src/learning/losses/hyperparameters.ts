/** @throws RangeError where the hyperparameter is not a number in [minimum, maximum] */
export function requireWithin(name: string, value: number, minimum: number, maximum: number): void {
  if (!(value >= minimum && value <= maximum)) {
    throw new RangeError(`${name} must be in [${minimum}, ${maximum}] and is ${value}`);
  }
}

/** s: @throws RangeError where the scale is not above 0 and finite */
export function requireScale(scale: number): void {
  if (!(scale > 0 && Number.isFinite(scale))) {
    throw new RangeError(`scale must be above 0 and finite and is ${scale}`);
  }
}
