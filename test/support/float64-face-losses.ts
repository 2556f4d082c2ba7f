import type { FaceLossHyperparameters, FaceLossName } from '../../src/learning/losses/face-losses.js';
import type { FaceLossCase } from './face-loss-cases.js';

/** A loss in 64-bit floats of the embeddings [B, D] and the weight [D, C], with what is detached held fixed. */
export type Float64Loss = (embeddings: Rows, weight: Rows) => number;
export type Rows = readonly (readonly number[])[];

/** What one sample's logits are made of. */
interface Sample {
  readonly cosines: readonly number[];
  readonly own: number;
}

type TargetLogit = (cosine: number, row: number) => number;

/**
 * The face losses in plain numbers, by angles and loops, for finite differences: statistics, qualities and the choice of
 * hard negatives are taken at `operands` and stay as they are when embeddings and weight move away from there.
 */
export function float64Loss(
  name: FaceLossName,
  parameters: FaceLossHyperparameters,
  operands: FaceLossCase,
): Float64Loss {
  const parameter = (key: string): number => parameters[key]!;
  const scale = parameters['scale'] ?? 1;
  const margined = (target: TargetLogit): Float64Loss => cosineLoss(operands, scale, target);
  switch (name) {
    case 'softmax':
      return (embeddings, weight) =>
        meanCrossEntropy(operands, (row) => classesOf(weight, (column) => dot(embeddings[row]!, column)));
    case 'normface':
      return margined((cosine) => cosine);
    case 'cosface':
      return margined((cosine) => cosine - parameter('marginCosine'));
    case 'arcface':
      return margined((cosine) => classicArc(cosine, parameter('marginRadians')));
    case 'sphereface':
      return margined((cosine) => annealedPsi(cosine, parameters, operands.state!['steps']!));
    case 'adaface': {
      const z = qualities(operands, parameters);
      const margin = parameter('margin');
      return margined((cosine, row) => {
        const angle = Math.acos(clip(cosine, -0.999, 0.999)) - margin * z[row]!;
        return Math.cos(clip(angle, 1e-3, Math.PI - 1e-3)) - (margin + margin * z[row]!);
      });
    }
    case 'curricularface':
      return curricular(operands, parameters);
  }
}

function curricular(operands: FaceLossCase, parameters: FaceLossHyperparameters): Float64Loss {
  const margin = parameters['marginRadians']!;
  const rate = parameters['statisticsRate']!;
  const base = operands.labels.map((label, row) => sample(operands.embeddings[row]!, operands.weight, label));
  const t =
    (1 - rate) * operands.state!['meanTargetCosine']! +
    rate * mean(real(operands, base).map(({ own }) => own));
  const isHard = base.map(({ cosines, own }) =>
    cosines.map((cosine) => cosine > Math.cos(Math.acos(own) + margin)),
  );
  const modulated = (cosine: number, row: number, column: number): number =>
    isHard[row]![column]! ? cosine * (t + cosine) : cosine;
  return cosineLoss(operands, parameters['scale']!, (cosine) => classicArc(cosine, margin), modulated);
}

function cosineLoss(
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

function meanCrossEntropy(operands: FaceLossCase, logitsOf: (row: number) => number[]): number {
  const losses = operands.labels.map((label, row) => {
    const logits = logitsOf(row);
    const largest = Math.max(...logits);
    const sum = logits.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    return largest + Math.log(sum) - logits[label]!;
  });
  return mean(real(operands, losses));
}

function sample(embedding: readonly number[], weight: Rows, label: number): Sample {
  const cosines = classesOf(
    weight,
    (column) => dot(embedding, column) / (Math.hypot(...embedding) * Math.hypot(...column)),
  );
  return { cosines, own: cosines[label]! };
}

function classicArc(cosine: number, margin: number): number {
  const angle = Math.acos(cosine) + margin;
  return angle < Math.PI ? Math.cos(angle) : cosine - margin * Math.sin(Math.PI - margin);
}

function annealedPsi(cosine: number, parameters: FaceLossHyperparameters, steps: number): number {
  const { angleFactor, initialAnnealing, annealingDecay, finalAnnealing } = parameters as Record<
    string,
    number
  >;
  const angle = Math.acos(cosine);
  const k = Math.floor((angle * angleFactor!) / Math.PI);
  const psi = (-1) ** k * Math.cos(angleFactor! * angle) - 2 * k;
  const lambda = Math.max(finalAnnealing!, initialAnnealing! / (1 + annealingDecay! * steps));
  return (lambda * cosine + psi) / (1 + lambda);
}

function qualities(operands: FaceLossCase, parameters: FaceLossHyperparameters): number[] {
  const norms = operands.embeddings.map((embedding) => clip(Math.hypot(...embedding), 1e-3, 100));
  const counted = real(operands, norms);
  const rate = parameters['statisticsRate']!;
  const { meanNorm, normDeviation } = operands.state as Record<string, number>;
  const mu = meanNorm! + rate * (mean(counted) - meanNorm!);
  const squares = counted.reduce((total, norm) => total + (norm - mean(counted)) ** 2, 0);
  const deviation = counted.length < 2 ? normDeviation! : Math.sqrt(squares / (counted.length - 1));
  const sigma = normDeviation! + rate * (deviation - normDeviation!);
  return norms.map((norm) => clip((parameters['concentration']! * (norm - mu)) / (sigma + 1e-3), -1, 1));
}

/** Those of the rows' values that are not padding. */
function real<T>({ sampleMask }: FaceLossCase, values: readonly T[]): T[] {
  return values.filter((_, row) => sampleMask?.[row] !== 0);
}

function classesOf(weight: Rows, valueOf: (column: number[]) => number): number[] {
  return weight[0]!.map((_, column) => valueOf(weight.map((row) => row[column]!)));
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function clip(value: number, low: number, high: number): number {
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
