import { Tensor } from '../../../onnx/onnx-runtime.js';
import { writeOnnx } from '../../../onnx/write-onnx.js';
import { createSession } from '../ort-session.js';

const OPTIONS = { provider: 'webgpu', threads: 1 } as const;
const FLOATS = { elementType: 'float32', dims: [3] } as const;
const START = [1, 2, 3] as const;
const ROUNDS = 3;

/**
 * Doubles numbers in buffers of the GPU, and reads them in the end: what a training's state goes through.
 * @throws Error of ONNX Runtime, or where what is read is something else
 */
export async function requireGpuBuffers(): Promise<void> {
  const doubling = await createSession(addition(['x', 'x']), OPTIONS, {
    preferredOutputLocation: 'gpu-buffer',
  });
  const reading = await createSession(addition(['x']), OPTIONS, { graphOptimizationLevel: 'disabled' });
  let state: Tensor = new Tensor('float32', Float32Array.from(START), FLOATS.dims);
  for (let round = 0; round < ROUNDS; round++) {
    const { y } = await doubling.run({ x: state });
    if (y?.location !== 'gpu-buffer') throw new Error('the runtime keeps no arrays on the GPU');
    if (round > 0) state.dispose();
    state = y;
  }
  const { y } = await reading.run({ x: state });
  state.dispose();
  await doubling.release();
  await reading.release();
  const computed = Array.from(y?.data as Float32Array);
  if (computed.some((value, index) => value !== (START[index] ?? 0) * 2 ** ROUNDS))
    throw new Error(
      `${START.join(', ')} on the GPU, doubled ${ROUNDS} times, were read as ${computed.join(', ')}`,
    );
}

/** y = the sum of the inputs; of one input, a copy. */
function addition(inputs: readonly string[]): Uint8Array {
  const operator = inputs.length === 1 ? 'Identity' : 'Add';
  return writeOnnx({
    irVersion: 8,
    operatorSets: new Map([['', 17]]),
    graph: {
      name: 'buffer-check',
      nodes: [{ name: '', operator, domain: '', inputs, outputs: ['y'], attributes: {} }],
      constants: new Map(),
      inputs: [{ name: 'x', ...FLOATS }],
      outputs: [{ name: 'y', ...FLOATS }],
    },
  });
}
