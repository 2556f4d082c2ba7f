import { readTensor } from '../../onnx/tensor-message.js';
import { nameOf } from '../../onnx/quantisation/onnx-file.js';

/** The constants of a graph by name. */
export class GraphTensors {
  private readonly messages: ReadonlyMap<string, Uint8Array>;

  constructor(tensors: readonly Uint8Array[]) {
    this.messages = new Map(tensors.map((tensor) => [nameOf('TensorProto', tensor), tensor]));
  }

  has(name: string): boolean {
    return this.messages.has(name);
  }

  message(name: string): Uint8Array {
    const message = this.messages.get(name);
    if (message === undefined) throw new RangeError(`the graph has no constant ${name}`);
    return message;
  }

  /** Numbers, widened to floats. */
  floats(name: string): Float32Array {
    return Float32Array.from(readTensor(this.message(name)).constant.values);
  }

  shape(name: string): readonly number[] {
    return readTensor(this.message(name)).constant.shape;
  }
}
