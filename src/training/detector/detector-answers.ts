import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { DETECTOR_GRAPHS } from './detector-export.js';

/** Numbers that are kept of each output. */
const KEPT = 16;
/** Differences between processors, beside values up to some tens. */
const TOLERANCE = 0.02;

/**
 * Some of what a detector's `closeUp` graph says of a fixed image of waves: numbers from all over each of its outputs.
 * @param graph the ONNX file
 */
export async function detectorAnswers(graph: Uint8Array): Promise<readonly number[]> {
  const side = DETECTOR_GRAPHS.closeUp.sidePixels;
  const data = Float32Array.from({ length: 3 * side * side }, (_, index) => {
    const [x, y] = [index % side, Math.floor(index / side) % side];
    const channel = Math.floor(index / (side * side));
    return Math.sin(0.05 * x * (channel + 1)) * Math.cos(0.11 * y + channel);
  });
  const session = await OnnxSession.load(graph, { intraOpThreads: 1 });
  try {
    const outputs = await session.run({ data, dimensions: [1, 3, side, side] });
    return outputs.flatMap(({ data: values }) =>
      Array.from({ length: KEPT }, (_, place) => values[Math.floor((place * values.length) / KEPT)] ?? 0),
    );
  } finally {
    await session.release();
  }
}

/** Tells whether two answers are those of one network. */
export function areSameAnswers(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.length === b.length &&
    a.every((value, index) => {
      const other = b[index] ?? Number.NaN;
      return Math.abs(value - other) <= TOLERANCE * Math.max(1, Math.abs(other));
    })
  );
}
