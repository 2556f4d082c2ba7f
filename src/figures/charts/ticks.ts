/** The ends of an axis and the places of its marks, lowest first. */
export interface AxisRange {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
  /** The distance of two marks. */
  readonly step: number;
}

/** Where values are known to lie, as shares do between 0 and 1. */
export interface ValueLimits {
  readonly lowest?: number;
  readonly highest?: number;
}

/** Values that begin within this part of their greatest are drawn from 0 on. */
const nearZero = 0.35;

/**
 * The range of a linear axis that shows values well: round ends, 0 only where values come near it, and room around a
 * value that never changes.
 * @param count about how many marks
 */
export function linearRange(values: readonly number[], count: number, limits: ValueLimits = {}): AxisRange {
  const finite = values.filter(Number.isFinite);
  let [low, high] = finite.length === 0 ? [0, 1] : extent(finite);
  if (low >= 0 && low <= nearZero * high) low = 0;
  if (high <= 0 && high >= nearZero * low) high = 0;
  if (high - low <= Math.abs(high) * 1e-9) {
    const aside = flatMargin(low, limits);
    [low, high] = [low - aside, high + aside];
  }
  const step = niceStep((high - low) / count);
  const lowest = limits.lowest ?? Number.NEGATIVE_INFINITY;
  const highest = limits.highest ?? Number.POSITIVE_INFINITY;
  const first = Math.max(Math.floor(low / step + 1e-9) * step, lowest);
  const last = Math.min(Math.ceil(high / step - 1e-9) * step, highest);
  return { domain: [first, last], ticks: multiples(step, first, last), step };
}

/** The marks of a linear axis whose ends are given. */
export function linearTicks(
  [low, high]: readonly [number, number],
  count: number,
): Pick<AxisRange, 'ticks' | 'step'> {
  const step = niceStep((high - low || 1) / count);
  return { ticks: multiples(step, low, high), step };
}

/**
 * The range of a logarithmic axis: whole decades, or, where values span less than one, what they span.
 * @param values above 0
 */
export function logRange(values: readonly number[], count: number): AxisRange {
  const [low, high] = extent(values);
  const [first, last] = [Math.floor(Math.log10(low) + 1e-9), Math.ceil(Math.log10(high) - 1e-9)];
  const decades = Math.max(last - first, 1);
  if (decades === 1) return withinDecade(low, high, 10 ** first);
  const every = Math.max(1, Math.ceil(decades / count));
  const exponents = Array.from(
    { length: Math.floor(decades / every) + 1 },
    (_, index) => last - index * every,
  );
  const ticks = exponents.map((exponent) => power(exponent)).reverse();
  return { domain: [power(first), power(last)], ticks, step: power(first) };
}

function withinDecade(low: number, high: number, decade: number): AxisRange {
  const marks = [1, 2, 3, 5, 7, 10].map((mark) => mark * decade);
  const first = marks.findLast((mark) => mark <= low * (1 + 1e-9)) ?? decade;
  const last = marks.find((mark) => mark >= high * (1 - 1e-9) && mark > first) ?? 10 * decade;
  const ticks = marks.filter((mark) => mark >= first && mark <= last);
  return { domain: [first, last], ticks: ticks.map((mark) => Number(mark.toPrecision(3))), step: decade };
}

/** 10 to a whole number, as it is written: 10 ** -5 is not 1e-5. */
function power(exponent: number): number {
  return Number(`1e${exponent}`);
}

export function extent(values: readonly number[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** Room around the one value that there is; a share gets two points, so that it does not look like a line at the edge. */
function flatMargin(value: number, { lowest, highest }: ValueLimits): number {
  if (lowest !== undefined && highest !== undefined) return (highest - lowest) * 0.02;
  return value === 0 ? 1 : Math.abs(value) * 0.1;
}

/** 1, 2 or 5 times a power of ten, the least that is not below `rough`. */
function niceStep(rough: number): number {
  const decade = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((candidate) => candidate * decade >= rough * (1 - 1e-9)) ?? 10;
  return factor * decade;
}

function multiples(step: number, low: number, high: number): readonly number[] {
  const first = Math.ceil(low / step - 1e-6);
  const count = Math.floor(high / step + 1e-6) - first + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}
