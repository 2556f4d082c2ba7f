import * as tf from '@tensorflow/tfjs';

interface BackpropAttributes {
  readonly strides: [number, number] | number;
  readonly pad: 'valid' | 'same' | number;
  readonly inputShape: [number, number, number, number];
  readonly filterShape: [number, number, number, number];
}

type Values = Float32Array;

/**
 * Replaces tfjs' two CPU kernels for the gradients of dense convolutions, which make 10 million multiply-adds a second,
 * by loops over contiguous rows, which make some hundred times as many. The compiler's property specs compare with
 * tfjs' own kernels; a whole network's gradients need these to be affordable.
 * @returns what puts tfjs' own back: other spec files run in the same process. A `beforeAll` that returns it does so.
 */
export function useFastCpuGradients(): () => void {
  const restoreInput = replace('Conv2DBackpropInput', ({ dy, filter }, attributes) => {
    const { inputShape } = attributes;
    const dx = new Float32Array(tf.util.sizeFromShape(inputShape));
    forEachProduct(inputShape, filter!.shape, attributes, (xStart, weightStart, dyStart, inputs, outputs) => {
      for (let i = 0; i < inputs; i++) {
        let sum = 0;
        const row = weightStart + i * outputs;
        for (let o = 0; o < outputs; o++) sum += filter!.values[row + o]! * dy!.values[dyStart + o]!;
        dx[xStart + i]! += sum;
      }
    });
    return { values: dx, shape: inputShape };
  });
  const restoreFilter = replace('Conv2DBackpropFilter', ({ x, dy }, attributes) => {
    const { filterShape } = attributes;
    // Sums over a whole batch: in 64 bits, as tfjs does.
    const dw = new Float64Array(tf.util.sizeFromShape(filterShape));
    forEachProduct(x!.shape, filterShape, attributes, (xStart, weightStart, dyStart, inputs, outputs) => {
      for (let i = 0; i < inputs; i++) {
        const value = x!.values[xStart + i]!;
        const row = weightStart + i * outputs;
        for (let o = 0; o < outputs; o++) dw[row + o]! += value * dy!.values[dyStart + o]!;
      }
    });
    return { values: Float32Array.from(dw), shape: filterShape };
  });
  return () => {
    restoreInput();
    restoreFilter();
  };
}

/** Calls `visit` for each pixel of the output and each pixel of its window inside the image. */
function forEachProduct(
  inputShape: readonly number[],
  filterShape: readonly number[],
  { strides, pad }: BackpropAttributes,
  visit: (xStart: number, weightStart: number, dyStart: number, inputs: number, outputs: number) => void,
): void {
  const window = tf.backend_util.computeConv2DInfo(
    inputShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    strides,
    1,
    pad,
  );
  const { batchSize, outHeight, outWidth, inHeight, inWidth, inChannels, outChannels } = window;
  for (let b = 0; b < batchSize; b++) {
    for (let y = 0; y < outHeight; y++) {
      for (let x = 0; x < outWidth; x++) {
        const dyStart = ((b * outHeight + y) * outWidth + x) * outChannels;
        for (let row = 0; row < window.filterHeight; row++) {
          const inY = y * window.strideHeight - window.padInfo.top + row;
          if (inY < 0 || inY >= inHeight) continue;
          for (let column = 0; column < window.filterWidth; column++) {
            const inX = x * window.strideWidth - window.padInfo.left + column;
            if (inX < 0 || inX >= inWidth) continue;
            const xStart = ((b * inHeight + inY) * inWidth + inX) * inChannels;
            const weightStart = (row * window.filterWidth + column) * inChannels * outChannels;
            visit(xStart, weightStart, dyStart, inChannels, outChannels);
          }
        }
      }
    }
  }
}

interface KernelInput {
  readonly values: Values;
  readonly shape: readonly number[];
}

function replace(
  kernelName: string,
  run: (
    inputs: Readonly<Record<string, KernelInput>>,
    attributes: BackpropAttributes,
  ) => { values: Values; shape: readonly number[] },
): () => void {
  const original = tf.getKernel(kernelName, 'cpu');
  tf.unregisterKernel(kernelName, 'cpu');
  tf.registerKernel({
    kernelName,
    backendName: 'cpu',
    kernelFunc: ({ inputs, attrs }) => {
      const read = Object.entries(inputs as tf.NamedTensorMap).map(([name, { dataId, shape }]) => [
        name,
        { values: tf.backend().readSync(dataId) as Values, shape },
      ]);
      const result = run(
        Object.fromEntries(read) as Record<string, KernelInput>,
        attrs as unknown as BackpropAttributes,
      );
      return tf.tensor(result.values, [...result.shape]);
    },
  });
  return () => {
    tf.unregisterKernel(kernelName, 'cpu');
    tf.registerKernel(original);
  };
}
