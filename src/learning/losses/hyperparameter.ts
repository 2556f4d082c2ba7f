/** A number that a loss can be given, and its bounds, which it may reach. */
export interface Hyperparameter {
  /** The symbol in the loss's equation, and what it does. */
  readonly meaning: string;
  readonly default: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Whether it must be above the minimum, not at it. */
  readonly isAboveMinimum?: boolean;
  /** Whether it must be a whole number. */
  readonly isWhole?: boolean;
}

/** The values of hyperparameters by their names. */
export type HyperparameterValues<Names extends string = string> = Readonly<Record<Names, number>>;

/** s, the factor of the cosines: 64 in the papers of the margin losses. */
export const SCALE: Hyperparameter = {
  meaning: 's, the factor of the cosines',
  default: 64,
  minimum: 0,
  isAboveMinimum: true,
  maximum: Number.MAX_VALUE,
};

/** @throws RangeError where the hyperparameter is not a number within its bounds */
export function requireHyperparameter(name: string, value: number, bounds: Hyperparameter): void {
  // Not by the least number there is: where ONNX Runtime flushes denormals, on its thread that equals 0.
  if (bounds.isAboveMinimum === true && !(value > bounds.minimum && value <= bounds.maximum)) {
    const most = bounds.maximum === Number.MAX_VALUE ? 'finite' : `at most ${bounds.maximum}`;
    throw new RangeError(`${name} must be above ${bounds.minimum} and ${most} and is ${value}`);
  }
  requireWithin(name, value, bounds.minimum, bounds.maximum);
  if (bounds.isWhole === true && !Number.isInteger(value)) {
    throw new RangeError(`${name} must be whole and is ${value}`);
  }
}

/** @throws RangeError where the value is not a number in [minimum, maximum] */
export function requireWithin(name: string, value: number, minimum: number, maximum: number): void {
  if (!(value >= minimum && value <= maximum)) {
    throw new RangeError(`${name} must be in [${minimum}, ${maximum}] and is ${value}`);
  }
}
