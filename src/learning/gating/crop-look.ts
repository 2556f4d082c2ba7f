import * as tf from '@tensorflow/tfjs';

/** Images of 112x112 pixels, of half and of a quarter of that: what is blurred shows edges only in the smaller ones. */
const levels = 3;
/** The upper and the lower half of a face, which a mask tells apart. */
const bands = 2;
/**
 * Means of the three channels, two differences of channels, contrast, and at each level edges of both directions and how much these differ: motion blurs
 * along one direction, whichever that is.
 */
const numbersPerBand = 3 + 2 + 1 + 3 * levels;

/** How many numbers say how a crop looks. */
export const cropLookLength = bands * numbersPerBand;

/** Added before a logarithm is taken: a grey level of 128 or less is no edge. */
const faintestEdge = 1 / 128;
/** Luma of ITU-R BT.601. */
const luma: readonly number[] = [0.299, 0.587, 0.114];

/**
 * How aligned crops look, whomever they show: colours, contrast and the strength of edges at three sizes, of the upper and of the lower
 * half. It tells apart pictures of a bad camera, blurred, dark, grey and masked ones. A mirror image looks the same.
 *
 * @param crops [n, height, width, 3], each value (v - 127.5) / 128; sides divisible by 8
 * @returns [n, cropLookLength]
 */
export function cropLooks(crops: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => {
    const height = crops.shape[1] / bands;
    const numbers = Array.from({ length: bands }, (_, band) => {
      const half = tf.slice(crops, [0, band * height, 0, 0], [-1, height, -1, -1]);
      return bandNumbers(half);
    });
    return tf.concat(numbers, 1);
  });
}

/** @param band [n, h, w, 3]; @returns [n, numbersPerBand] */
function bandNumbers(band: tf.Tensor4D): tf.Tensor2D {
  const channel = (at: number): tf.Tensor4D => tf.slice(band, [0, 0, 0, at], [-1, -1, -1, 1]);
  const [red, green, blue] = [channel(0), channel(1), channel(2)];
  const grey = tf.sum<tf.Tensor4D>(tf.mul(band, tf.tensor1d([...luma])), 3, true);
  const contrast = tf.sqrt(tf.add(meanOf(tf.square(tf.sub(grey, tf.mean(grey, [1, 2], true)))), 1e-6));
  const numbers = [
    ...[red, green, blue].map(meanOf),
    meanOf(tf.abs(tf.sub(red, green))),
    meanOf(tf.abs(tf.sub(blue, green))),
    contrast,
  ];
  let level = grey;
  for (let each = 0; each < levels; each++) {
    if (each > 0) level = tf.avgPool(level, 2, 2, 'valid');
    const [across, down] = [edges(level, 2), edges(level, 1)];
    numbers.push(across, down, tf.abs(tf.sub(across, down)));
  }
  return tf.concat(
    numbers.map((number) => tf.reshape(number, [-1, 1])),
    1,
  );
}

/** The logarithm of the mean difference between neighbours along an axis, mirrored or not. */
function edges(image: tf.Tensor4D, axis: 1 | 2): tf.Tensor {
  const extent = image.shape[axis] - 1;
  const first = [0, 0, 0, 0];
  const second = first.map((_, each) => (each === axis ? 1 : 0));
  const size = first.map((_, each) => (each === axis ? extent : -1));
  const difference = tf.sub(tf.slice(image, second, size), tf.slice(image, first, size));
  return tf.log(tf.add(meanOf(tf.abs(difference)), faintestEdge));
}

/** [n, h, w, 1] -> [n] */
function meanOf(image: tf.Tensor): tf.Tensor {
  return tf.mean(image, [1, 2, 3]);
}
