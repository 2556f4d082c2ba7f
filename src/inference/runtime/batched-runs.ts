import type { FloatTensor } from './float-tensor.js';
import { MicroBatches } from './micro-batches.js';

/**
 * Runs a graph for concurrent callers at once: their inputs behind one another along the first axis, and of the outputs to
 * each its own rows. A graph whose inputs and outputs have the same dynamic first axis computes each row by itself.
 */
export class BatchedRuns {
  private readonly batches: MicroBatches<FloatTensor, readonly FloatTensor[]>;

  /**
   * @param run the graph; its inputs differ in their first dimension alone
   * @param maximumRuns callers' runs that are joined at most
   */
  constructor(run: (input: FloatTensor) => Promise<readonly FloatTensor[]>, maximumRuns: number) {
    this.batches = new MicroBatches(async (inputs) => {
      const [only, ...others] = inputs;
      if (only !== undefined && others.length === 0) return [await run(only)];
      const outputs = await run(joined(inputs));
      return rowRanges(inputs).map((range) => outputs.map((output) => rowsOf(output, range)));
    }, maximumRuns);
  }

  async run(input: FloatTensor): Promise<readonly FloatTensor[]> {
    return this.batches.add(input);
  }
}

/** Rows from `start` up to, and without, `end`. */
interface RowRange {
  readonly start: number;
  readonly end: number;
}

function joined(inputs: readonly FloatTensor[]): FloatTensor {
  const data = new Float32Array(inputs.reduce((length, input) => length + input.data.length, 0));
  let offset = 0;
  for (const input of inputs) {
    data.set(input.data, offset);
    offset += input.data.length;
  }
  const rows = inputs.reduce((count, { dimensions }) => count + (dimensions[0] ?? 0), 0);
  return { data, dimensions: [rows, ...(inputs[0]?.dimensions.slice(1) ?? [])] };
}

function rowRanges(inputs: readonly FloatTensor[]): readonly RowRange[] {
  let end = 0;
  return inputs.map(({ dimensions }) => {
    const start = end;
    end += dimensions[0] ?? 0;
    return { start, end };
  });
}

function rowsOf({ data, dimensions }: FloatTensor, { start, end }: RowRange): FloatTensor {
  const [rows = 0, ...rest] = dimensions;
  const rowLength = data.length / rows;
  return { data: data.subarray(start * rowLength, end * rowLength), dimensions: [end - start, ...rest] };
}
