/** Rendered images without a face: noise, gradients, and smooth random textures in grey and in colour. */
const SIDE = 300;
const EACH = 25;

export function facelessImages() {
  const random = linearCongruential(1);
  return Array.from({ length: EACH }, () => [
    render(() => 256 * random()),
    gradient(random),
    texture(random, 1),
    texture(random, 3),
  ]).flat();
}

function render(valueAt) {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  for (let i = 0; i < pixels.length; i++) {
    const x = Math.floor(i / 3) % SIDE;
    pixels[i] = valueAt(x / SIDE, Math.floor(i / 3 / SIDE) / SIDE, i % 3);
  }
  return { width: SIDE, height: SIDE, pixels };
}

/** A sky over land. */
function gradient(random) {
  const horizon = 0.3 + 0.4 * random();
  const colours = [0, 1].map(() => [random(), random(), random()]);
  return render((x, y, channel) =>
    y < horizon ? 255 * colours[0][channel] * (1 - y) : 255 * colours[1][channel] * y,
  );
}

/** Five octaves of value noise. */
function texture(random, channels) {
  const octaves = [4, 8, 16, 32, 64].map((cells) => ({
    cells,
    values: Float32Array.from({ length: (cells + 1) ** 2 * channels }, random),
  }));
  return render((x, y, channel) => {
    let value = 0;
    let amplitude = 1;
    let total = 0;
    for (const { cells, values } of octaves) {
      const [column, row] = [Math.floor(x * cells), Math.floor(y * cells)];
      const [u, v] = [x * cells - column, y * cells - row];
      const at = (i, j) => values[((row + j) * (cells + 1) + column + i) * channels + (channel % channels)];
      value +=
        amplitude * ((at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v);
      total += amplitude;
      amplitude *= 0.7;
    }
    return (255 * value) / total;
  });
}

/** Numerical Recipes' generator: the same images in every run. */
function linearCongruential(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
