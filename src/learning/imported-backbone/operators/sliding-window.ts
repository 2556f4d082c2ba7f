import type { ExplicitPadding } from '../../operations/explicit-padding.js';
import type { OperatorCall } from '../operator-call.js';

/** A number for the rows and one for the columns. */
export type Pair = readonly [number, number];

/** The geometry of a convolution's or pooling's windows. */
export interface SlidingWindow {
  readonly kernel: Pair;
  readonly strides: Pair;
  readonly dilations: Pair;
  /** The padding before and after the rows, and the columns. */
  readonly padding: readonly [Pair, Pair];
  /** How much of the padding behind rows and columns is there for the last window only, which `ceil_mode` adds. */
  readonly overhang: Pair;
  readonly output: Pair;
}

interface AxisWindow {
  readonly padding: Pair;
  readonly overhang: number;
  readonly output: number;
}

/**
 * The attributes `strides`, `dilations`, `pads`, `auto_pad` and `ceil_mode` for one input and kernel size.
 * @throws Failure MODEL_INVALID where they do not fit together, or no window fits
 */
export function slidingWindow(call: OperatorCall, input: Pair, kernel: Pair): SlidingWindow {
  const strides = pairOf(call, 'strides');
  const dilations = pairOf(call, 'dilations');
  const pads = call.integers('pads') ?? [0, 0, 0, 0];
  if (pads.length !== 4 || pads.some((count) => count < 0)) throw call.unsupported('pads', pads);
  if (kernel.some((extent) => extent < 1)) throw call.invalid(`has an empty kernel [${kernel.join(', ')}]`);
  const axis = (index: 0 | 1): AxisWindow =>
    axisWindow(call, {
      input: input[index],
      size: (kernel[index] - 1) * dilations[index] + 1,
      stride: strides[index],
      pads: [pads[index] ?? 0, pads[index + 2] ?? 0],
    });
  const [rows, columns] = [axis(0), axis(1)];
  return {
    kernel,
    strides,
    dilations,
    padding: [rows.padding, columns.padding],
    overhang: [rows.overhang, columns.overhang],
    output: [rows.output, columns.output],
  };
}

/** A window's padding as tfjs takes it. */
export function tfjsPadding({ padding: [rows, columns] }: Pick<SlidingWindow, 'padding'>): ExplicitPadding {
  return [[0, 0], [...rows], [...columns], [0, 0]];
}

function pairOf(call: OperatorCall, attribute: string): Pair {
  const [rows = 1, columns = 1, ...others] = call.integers(attribute) ?? [];
  if (rows < 1 || columns < 1 || others.length > 0)
    throw call.unsupported(attribute, call.integers(attribute));
  return [rows, columns];
}

interface Axis {
  readonly input: number;
  /** The extent of the kernel, dilated. */
  readonly size: number;
  readonly stride: number;
  readonly pads: Pair;
}

function axisWindow(call: OperatorCall, { input, size, stride, pads }: Axis): AxisWindow {
  const [before, after] = automaticPadding(call, { input, size, stride, pads });
  const spare = input + before + after - size;
  if (spare < 0) throw call.invalid(`has a kernel of ${size} pixels for ${input + before + after}`);
  let output = Math.floor(spare / stride) + 1;
  if (call.integer('ceil_mode', 0) !== 1) return { padding: [before, after], overhang: 0, output };
  output = Math.ceil(spare / stride) + 1;
  // A window that would begin behind the image is none.
  if ((output - 1) * stride >= input + before) output--;
  const overhang = Math.max(0, (output - 1) * stride - spare);
  return { padding: [before, after + overhang], overhang, output };
}

function automaticPadding(call: OperatorCall, { input, size, stride, pads }: Axis): Pair {
  const rule = call.text('auto_pad', 'NOTSET');
  if (rule === 'NOTSET') return pads;
  if (rule === 'VALID') return [0, 0];
  if (rule !== 'SAME_UPPER' && rule !== 'SAME_LOWER') throw call.unsupported('auto_pad', rule);
  const total = Math.max(0, (Math.ceil(input / stride) - 1) * stride + size - input);
  const half = Math.floor(total / 2);
  return rule === 'SAME_UPPER' ? [half, total - half] : [total - half, half];
}
