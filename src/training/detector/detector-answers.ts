import { OnnxSession } from '../../inference/runtime/onnx-session.js';
import { type CompiledDetector, DETECTOR_GRAPHS } from './detector-export.js';

/** Numbers that are kept of each output. */
const KEPT = 16;
/** Differences between processors, beside values up to some tens. */
const TOLERANCE = 0.02;

/**
 * Some of what each network of a detector says of a fixed image of waves: numbers from all over each of its outputs, of the graph
 * of the first look and, where there is one, of that of close-ups.
 */
export async function detectorAnswers({
  files,
}: Pick<CompiledDetector, 'files'>): Promise<readonly number[]> {
  const answers: number[] = [];
  for (const { fileName, sidePixels } of [DETECTOR_GRAPHS.detector, DETECTOR_GRAPHS.closeUp]) {
    const graph = files.get(fileName);
    if (graph !== undefined) answers.push(...(await answersOf(graph, sidePixels)));
  }
  return answers;
}

async function answersOf(graph: Uint8Array, side: number): Promise<readonly number[]> {
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
