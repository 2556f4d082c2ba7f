import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { channelBlockProbe, type CompilationTarget } from '../../compiler/index.js';

/** What to compile for so that ONNX Runtime's CPU provider on this very machine is as fast as it can be. */
export async function cpuRuntimeTarget(): Promise<CompilationTarget> {
  return { hasRuntimeOperators: true, channelBlock: await channelBlock() };
}

async function channelBlock(): Promise<number | undefined> {
  const { model, input, outputName, channelBlockOf } = channelBlockProbe();
  try {
    const session = await InferenceSession.create(model, { intraOpNumThreads: 1, logSeverityLevel: 4 });
    try {
      const image = new Tensor('float32', input.values, input.dims);
      const outputs = await session.run({ [input.name]: image });
      return channelBlockOf(outputs[outputName]?.data as Float32Array);
    } finally {
      await session.release();
    }
  } catch {
    // No such layout for this processor.
    return undefined;
  }
}
