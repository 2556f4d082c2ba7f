/** 95 % intervals. */
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';

const Z = 1.959964;
const SAMPLES = 1000;

/** Wilson's score interval of a share. @returns [lower, upper] */
export function wilsonInterval(count, total) {
  if (total === 0) return [Number.NaN, Number.NaN];
  const share = count / total;
  const centre = (share + (Z * Z) / (2 * total)) / (1 + (Z * Z) / total);
  const half =
    (Z / (1 + (Z * Z) / total)) * Math.sqrt((share * (1 - share)) / total + (Z * Z) / (4 * total * total));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/**
 * Percentile bootstrap of a mean, over persons: photographs of one are not independent.
 * @param values [{ identity, value }]
 * @returns {{ mean: number, interval: [lower: number, upper: number] }}
 */
export function bootstrapMean(values) {
  const groups = sumsByPerson(values);
  const meanOf = (chosen) =>
    chosen.reduce((sum, group) => sum + group.sum, 0) / chosen.reduce((sum, group) => sum + group.count, 0);
  const uniform = uniformGenerator(1);
  const draw = () => groups[Math.floor(uniform() * groups.length)];
  const means = Array.from({ length: SAMPLES }, () => meanOf(groups.map(draw))).sort((a, b) => a - b);
  return {
    mean: meanOf(groups),
    interval: [means[Math.floor(0.025 * SAMPLES)], means[Math.floor(0.975 * SAMPLES) - 1]],
  };
}

function sumsByPerson(values) {
  const sums = new Map();
  for (const { identity, value } of values) {
    const { sum, count } = sums.get(identity) ?? { sum: 0, count: 0 };
    sums.set(identity, { sum: sum + value, count: count + 1 });
  }
  return [...sums.values()];
}
