import type { ExecutionProvider } from './execution-provider.js';
import { InferenceSession, Tensor } from './onnx-runtime.js';
import { writeOnnx } from './write-onnx.js';

/** What ONNX Runtime prints besides is in the error. */
const LOG_SEVERITY_FATAL = 4;
const OPERATOR_SET = 17;
const ROOTS = [1, 2, 3] as const;
const SQUARES = [1, 4, 9] as const;

/**
 * Computes with a provider, since only that shows whether the machine has what the provider needs.
 * @throws Error of ONNX Runtime where it has not, or where what comes out is wrong
 */
export async function requireExecutionProvider(provider: ExecutionProvider): Promise<void> {
  const session = await InferenceSession.create(squaringGraph(), {
    executionProviders: [provider],
    logSeverityLevel: LOG_SEVERITY_FATAL,
  });
  try {
    const { y } = await session.run({ x: new Tensor('float32', Float32Array.from(ROOTS), [ROOTS.length]) });
    const computed = Array.from(y?.data as Float32Array);
    if (computed.every((value, index) => value === SQUARES[index])) return;
    throw new Error(`the squares of ${ROOTS.join(', ')} were computed as ${computed.join(', ')}`);
  } finally {
    await session.release();
  }
}

/** y = x · x, of {@link ROOTS}. */
function squaringGraph(): Uint8Array {
  const floats = { elementType: 'float32', dims: [ROOTS.length] } as const;
  return writeOnnx({
    irVersion: 8,
    operatorSets: new Map([['', OPERATOR_SET]]),
    graph: {
      name: 'provider-check',
      nodes: [{ name: '', operator: 'Mul', domain: '', inputs: ['x', 'x'], outputs: ['y'], attributes: {} }],
      constants: new Map(),
      inputs: [{ name: 'x', ...floats }],
      outputs: [{ name: 'y', ...floats }],
    },
  });
}
