/** How values of an axis are written: 0.25, 25 %, or 1e-3. */
export type ValueFormat = 'number' | 'percent' | 'exponential';

/** A value as marks of an axis have it. @param step the distance of two marks, which says how many decimals matter */
export function tickText(format: ValueFormat, value: number, step: number): string {
  if (format === 'exponential') return exponentialText(value);
  if (format === 'percent') return `${fixed(value * 100, step * 100)} %`;
  const size = Math.abs(value);
  if (size >= 1000 && (step >= 1000 || size >= 10_000)) return compact(value);
  if (step < 1e-3) return exponentialText(value);
  return fixed(value, step);
}

/** A value on its own, to about four digits. */
export function valueText(format: ValueFormat, value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (format === 'exponential') return exponentialText(value);
  if (format === 'percent') return `${(value * 100).toFixed(2)} %`;
  if (Number.isInteger(value)) return value.toLocaleString('en');
  const size = Math.abs(value);
  if (size >= 10_000) return value.toLocaleString('en', { maximumFractionDigits: 0 });
  if (size < 1e-3) return value.toExponential(2);
  return String(Number(value.toPrecision(4)));
}

/** "1e-3"; "3.1e-3" of one that is no round number; 1 as it is. */
function exponentialText(value: number): string {
  if (value === 0 || value === 1) return String(value);
  const short = value.toExponential(0);
  return Math.abs(Number(short) / value - 1) < 1e-6 ? short : value.toExponential(1);
}

function compact(value: number): string {
  return value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 2 });
}

/** Decimals as a step needs them, at most six. */
function fixed(value: number, step: number): string {
  const decimals = step > 0 ? Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))) : 2;
  const isBetween = step > 0 && Math.abs(step * 10 ** decimals - Math.round(step * 10 ** decimals)) > 1e-6;
  const text = value.toFixed(isBetween ? decimals + 1 : decimals);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** Cut in the middle: names of models and of settings differ at their ends. */
export function shortened(words: string, characters: number): string {
  if (words.length <= characters) return words;
  const kept = Math.max(4, characters - 1);
  return `${words.slice(0, Math.ceil(kept / 2))}…${words.slice(words.length - Math.floor(kept / 2))}`;
}
