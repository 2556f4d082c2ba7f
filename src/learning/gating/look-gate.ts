/** Tells crops by how they look: those that a network was adapted to from all others. */
export interface LookGate {
  /** [L] of the numbers of `cropLooks`. */
  readonly weights: Float32Array;
  readonly bias: number;
}

/** Whether a crop looks like those that the network was adapted to. @param look [L] */
export function isAdaptedLook(gate: LookGate, look: ArrayLike<number>): boolean {
  return logit(gate, look) > 0;
}

function logit({ weights, bias }: LookGate, look: ArrayLike<number>): number {
  return weights.reduce((sum, weight, index) => sum + weight * (look[index] ?? 0), bias);
}

/** The share of looks that pass, 0 to 1. */
export function passingShare(gate: LookGate, looks: readonly ArrayLike<number>[]): number {
  return looks.filter((look) => isAdaptedLook(gate, look)).length / looks.length;
}

/** The share of the looks that a raised bar leaves out. */
const leftOut = 0.01;

/**
 * The gate with its bar so high that 99 % of these looks still pass: what is told from all others with room to spare loses nothing by it, and fewer
 * others pass. A gate that fewer of them pass stays as it is.
 * @param adapted [N] looks of [L] of what the network was adapted to
 */
export function withRaisedBar(gate: LookGate, adapted: readonly ArrayLike<number>[]): LookGate {
  const logits = Float64Array.from(adapted, (look) => logit(gate, look)).sort();
  const lowest = logits[Math.floor(leftOut * logits.length)] ?? 0;
  return { ...gate, bias: gate.bias - Math.max(0, lowest) };
}

/** Keeps weights finite where a plane separates the looks. */
const ridge = 1e-3;
const iterations = 100;
const tolerance = 1e-9;

/**
 * Fits a gate by logistic regression, both kinds weighted to one half, on numbers of mean 0 and deviation 1, with a penalty of `ridge / 2` times the
 * square of the weights (Newton's method; Hastie, Tibshirani & Friedman, "The Elements of Statistical Learning", 2009, section 4.4.1).
 * @param adapted [N] looks of [L] of what the network was adapted to; general: of other faces
 * @throws RangeError where there are none of a kind
 */
export function fitLookGate(
  adapted: readonly ArrayLike<number>[],
  general: readonly ArrayLike<number>[],
): LookGate {
  if (adapted.length === 0 || general.length === 0) throw new RangeError('a gate needs looks of both kinds');
  const looks = [
    ...adapted.map((look) => ({ look, isAdapted: true, weight: 0.5 / adapted.length })),
    ...general.map((look) => ({ look, isAdapted: false, weight: 0.5 / general.length })),
  ];
  const length = looks[0]?.look.length ?? 0;
  const standard = Array.from({ length }, (_, at) => standardOf(looks, at));
  const samples = looks.map(({ look, ...of }) => ({
    ...of,
    // The last number is the bias's.
    numbers: [...standard.map(({ mean, deviation }, at) => ((look[at] ?? 0) - mean) / deviation), 1],
  }));
  let fit: readonly number[] = new Array<number>(length + 1).fill(0);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const step = newtonStep(samples, fit);
    fit = fit.map((value, at) => value - (step[at] ?? 0));
    if (Math.max(...step.map(Math.abs)) < tolerance) break;
  }
  const weights = Float32Array.from(standard, ({ deviation }, at) => (fit[at] ?? 0) / deviation);
  const bias = standard.reduce((sum, { mean }, at) => sum - mean * (weights[at] ?? 0), fit[length] ?? 0);
  return { weights, bias };
}

interface Sample {
  /** [L + 1] */
  readonly numbers: readonly number[];
  readonly isAdapted: boolean;
  readonly weight: number;
}

/** Mean and deviation of one of the numbers, both kinds weighted to one half. */
function standardOf(
  looks: readonly { readonly look: ArrayLike<number>; readonly weight: number }[],
  at: number,
): { readonly mean: number; readonly deviation: number } {
  const mean = looks.reduce((sum, { look, weight }) => sum + weight * (look[at] ?? 0), 0);
  const variance = looks.reduce((sum, { look, weight }) => sum + weight * ((look[at] ?? 0) - mean) ** 2, 0);
  // What never changes tells nothing, and is not to be divided by 0.
  return { mean, deviation: Math.sqrt(variance) || 1 };
}

/** H⁻¹ g of the penalised mean log-likelihood's negative. */
function newtonStep(samples: readonly Sample[], fit: readonly number[]): readonly number[] {
  const size = fit.length;
  // The bias, which is last, has no penalty.
  const penalties = fit.map((_, at): number => (at < size - 1 ? ridge : 0));
  const gradient = fit.map((value, at) => (penalties[at] ?? 0) * value);
  const hessian = penalties.map((penalty, row) => fit.map((_, column) => (row === column ? penalty : 0)));
  for (const { numbers, isAdapted, weight } of samples) {
    const logit = numbers.reduce((sum, value, at) => sum + value * (fit[at] ?? 0), 0);
    const probability = 1 / (1 + Math.exp(-logit));
    const error = weight * (probability - (isAdapted ? 1 : 0));
    const curvature = weight * probability * (1 - probability);
    for (let row = 0; row < size; row++) {
      const value = numbers[row] ?? 0;
      gradient[row] = (gradient[row] ?? 0) + error * value;
      const line = hessian[row] ?? [];
      for (let column = 0; column < size; column++)
        line[column] = (line[column] ?? 0) + curvature * value * (numbers[column] ?? 0);
    }
  }
  return solved(hessian, gradient);
}

/** Gauss's elimination of a symmetric positive definite system, which needs no pivots. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): readonly number[] {
  const rows = matrix.map((row, index) => [...row, right[index] ?? 0]);
  for (const [pivot, lead] of rows.entries()) {
    for (const row of rows.slice(pivot + 1)) {
      const factor = (row[pivot] ?? 0) / (lead[pivot] ?? 1);
      for (let column = pivot; column < row.length; column++)
        row[column] = (row[column] ?? 0) - factor * (lead[column] ?? 0);
    }
  }
  const solution = new Array<number>(rows.length).fill(0);
  for (let pivot = rows.length - 1; pivot >= 0; pivot--) {
    const row = rows[pivot] ?? [];
    const known = solution.reduce(
      (sum, value, column) => (column > pivot ? sum + value * (row[column] ?? 0) : sum),
      0,
    );
    solution[pivot] = ((row[rows.length] ?? 0) - known) / (row[pivot] ?? 1);
  }
  return solution;
}
