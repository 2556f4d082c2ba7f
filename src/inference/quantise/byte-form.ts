import { withFastParametricRelu } from '../../onnx/fast-parametric-relu.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { withoutDenormals } from '../../onnx/without-denormals.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import { withEqualChannels } from './equal-channels.js';
import { foldGraph } from './fold-graph.js';

/**
 * A graph as it is put on bytes: folded, with channels on a common scale, and with PReLUs as convolutions and sums, which bytes have
 * operators for.
 * @throws Failure MODEL_INVALID where the runtime cannot load the graph
 */
export async function byteForm(graph: Uint8Array): Promise<Uint8Array> {
  const folded = readOnnx(await foldGraph(graph));
  const equal = withEqualChannels(withoutDenormals(folded.graph));
  return writeOnnx({ ...folded, graph: withFastParametricRelu(equal, true) });
}
