import type { HyperparameterValues } from '../../src/learning/losses/hyperparameter.js';
import type { FaceLossCase } from './face-loss-cases.js';

/**
 * A loss in 64-bit floats of the embeddings [B, D], the weight [D, C] and what the loss trains beside it, with what is
 * detached held fixed.
 */
export type Float64Loss = (
  embeddings: Rows,
  weight: Rows,
  scalars: Readonly<Record<string, number>>,
) => number;
export type Rows = readonly (readonly number[])[];

/** What one sample's logits are made of. */
interface Sample {
  readonly cosines: readonly number[];
  readonly own: number;
}

type TargetLogit = (cosine: number, row: number) => number;

/**
 * A face loss in plain numbers, by angles and loops, for finite differences: statistics, qualities and the choice of hard
 * negatives are taken at `operands` and stay as they are when embeddings and weight move away from there.
 */
export type Float64Reference = (operands: FaceLossCase, hyperparameters: HyperparameterValues) => Float64Loss;

/** The cross entropy of scaled cosines, of which `target` gives the own class's and `negative` the others'. */
export function cosineLoss(
  operands: FaceLossCase,
  scale: number,
  target: TargetLogit,
  negative: (cosine: number, row: number, column: number) => number = (cosine) => cosine,
): Float64Loss {
  return (embeddings, weight) =>
    meanCrossEntropy(operands, (row) => {
      const label = operands.labels[row]!;
      const { cosines, own } = sample(embeddings[row]!, weight, label);
      return cosines.map(
        (cosine, column) => scale * (column === label ? target(own, row) : negative(cosine, row, column)),
      );
    });
}

export function meanCrossEntropy(operands: FaceLossCase, logitsOf: (row: number) => number[]): number {
  const losses = operands.labels.map((label, row) => {
    const logits = logitsOf(row);
    const largest = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    return largest + Math.log(sum) - logits[label]!;
  });
  return mean(real(operands, losses));
}

export function sample(embedding: readonly number[], weight: Rows, label: number): Sample {
  const cosines = classesOf(
    weight,
    (column) => dot(embedding, column) / (Math.hypot(...embedding) * Math.hypot(...column)),
  );
  return { cosines, own: cosines[label]! };
}

export function classicArc(cosine: number, margin: number): number {
  const angle = Math.acos(cosine) + margin;
  return angle < Math.PI ? Math.cos(angle) : cosine - margin * Math.sin(Math.PI - margin);
}

/** ψ(φ) = (-1)^k cos φ - 2k for φ in [kπ, (k + 1)π]. */
export function monotonicCosine(angle: number): number {
  const k = Math.floor(angle / Math.PI);
  return (-1) ** k * Math.cos(angle) - 2 * k;
}

/** log(1 + e^x) */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/** Those of the rows' values that are not padding. */
export function real<T>({ sampleMask }: FaceLossCase, values: readonly T[]): T[] {
  return values.filter((_, row) => sampleMask?.[row] !== 0);
}

export function classesOf(weight: Rows, valueOf: (column: number[]) => number): number[] {
  return weight[0]!.map((_, column) => valueOf(weight.map((row) => row[column]!)));
}

export function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function clip(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The gradient of a function of rows by central differences. */
export function centralDifferences(valueAt: (rows: Rows) => number, rows: Rows): number[][] {
  // Truncation of h² and rounding of 1e-16 / h are both below 1e-9 of a value.
  const step = 1e-6;
  return rows.map((row, index) =>
    row.map((element, column) => {
      const moved = (to: number): Rows => rows.with(index, row.with(column, to));
      return (valueAt(moved(element + step)) - valueAt(moved(element - step))) / (2 * step);
    }),
  );
}
