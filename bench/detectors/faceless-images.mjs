/** Rendered pictures without a face, of twelve kinds; each is the same in every run. */
import { uniformGenerator, streamSeed } from '../../dist/core/random/seeded-random.js';

const SIDE = 300;
const EACH = 90;

/**
 * What a kind draws: from random numbers a function of x and y in [0, 1) and the channel that gives the brightness, 0 to 1.
 */
const kinds = {
  noise: (random) => () => random(),
  horizon,
  'grey texture': (random) => texture(random, 1),
  'coloured texture': (random) => texture(random, 3),
  stripes,
  tiles,
  discs,
  windows,
  rings,
  leaves,
  letters,
  'soft blobs of skin colours': skinBlobs,
};

const kindNames = Object.keys(kinds);
export const facelessCount = kindNames.length * EACH;

/** Of what {@link facelessImage} shows. */
export function kindOfFaceless(index) {
  return kindNames[index % kindNames.length];
}

/** @param index of the bench's pictures those below {@link facelessCount} */
export function facelessImage(index) {
  const random = uniformGenerator(streamSeed(1, index));
  return renderedImage(kinds[kindOfFaceless(index)](random));
}

/** @param valueAt gives the brightness, 0 to 1, at x and y in [0, 1) of a channel */
export function renderedImage(valueAt) {
  const pixels = new Uint8Array(SIDE * SIDE * 3);
  let target = 0;
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++)
      for (let channel = 0; channel < 3; channel++, target++)
        pixels[target] = 255 * Math.min(1, Math.max(0, valueAt(column / SIDE, row / SIDE, channel)));
  return { width: SIDE, height: SIDE, pixels };
}

function colour(random) {
  return [random(), random(), random()];
}

/** A sky over land. */
function horizon(random) {
  const height = 0.3 + 0.4 * random();
  const [sky, land] = [colour(random), colour(random)];
  return (x, y, channel) => (y < height ? sky[channel] * (1 - y) : land[channel] * y);
}

/** Five octaves of value noise. */
function texture(random, channels) {
  const octaves = [4, 8, 16, 32, 64].map((cells) => ({
    cells,
    values: Float32Array.from({ length: (cells + 1) ** 2 * channels }, random),
  }));
  return (x, y, channel) => {
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
    return value / total;
  };
}

/** A sine in one direction, from broad bars to fine cloth. */
function stripes(random) {
  const angle = Math.PI * random();
  const frequency = 2 * Math.PI * 4 * 20 ** random();
  const [dark, bright] = [colour(random), colour(random)];
  return (x, y, channel) => {
    const share = 0.5 + 0.5 * Math.sin(frequency * (x * Math.cos(angle) + y * Math.sin(angle)));
    return dark[channel] * (1 - share) + bright[channel] * share;
  };
}

/** Bricks of two colours with joints, every other row moved by half a brick. */
function tiles(random) {
  const [columns, rows] = [3 + Math.floor(10 * random()), 4 + Math.floor(16 * random())];
  const [brick, joint] = [colour(random), colour(random)];
  const shades = Array.from({ length: 64 }, () => 0.8 + 0.4 * random());
  return (x, y, channel) => {
    const row = Math.floor(y * rows);
    const along = x * columns + (row % 2) / 2;
    const isJoint = along % 1 < 0.06 || (y * rows) % 1 < 0.1;
    return isJoint ? joint[channel] : brick[channel] * shades[(row * 7 + Math.floor(along)) % 64];
  };
}

/** Shaded balls that lie over one another. */
function discs(random) {
  const background = colour(random);
  const balls = Array.from({ length: 3 + Math.floor(20 * random()) }, () => ({
    x: random(),
    y: random(),
    radius: 0.03 + 0.2 * random(),
    colour: colour(random),
  }));
  return (x, y, channel) => {
    const ball = balls.find((one) => Math.hypot(x - one.x, y - one.y) < one.radius);
    if (ball === undefined) return background[channel];
    const light =
      1 - Math.hypot(x - ball.x + 0.3 * ball.radius, y - ball.y + 0.3 * ball.radius) / ball.radius;
    return ball.colour[channel] * (0.5 + 0.5 * light);
  };
}

/** A front with lit and dark windows. */
function windows(random) {
  const [columns, rows] = [3 + Math.floor(8 * random()), 3 + Math.floor(10 * random())];
  const wall = colour(random);
  const lit = Array.from({ length: columns * rows }, () => (random() < 0.4 ? 0.9 : 0.15));
  return (x, y, channel) => {
    const [u, v] = [(x * columns) % 1, (y * rows) % 1];
    const isGlass = u > 0.25 && u < 0.75 && v > 0.2 && v < 0.8 && Math.abs(u - 0.5) > 0.03;
    return isGlass
      ? lit[Math.floor(y * rows) * columns + Math.floor(x * columns)] * (channel === 2 ? 0.8 : 1)
      : wall[channel] * (0.7 + 0.3 * y);
  };
}

/** Rings around a few centres, as in wood or water. */
function rings(random) {
  const centres = Array.from({ length: 1 + Math.floor(3 * random()) }, () => ({ x: random(), y: random() }));
  const frequency = 2 * Math.PI * (5 + 30 * random());
  const [dark, bright] = [colour(random), colour(random)];
  return (x, y, channel) => {
    const wave = centres.reduce(
      (sum, { x: cx, y: cy }) => sum + Math.sin(frequency * Math.hypot(x - cx, y - cy)),
      0,
    );
    const share = 0.5 + wave / (2 * centres.length);
    return dark[channel] * (1 - share) + bright[channel] * share;
  };
}

/** Pointed ellipses of greens and browns, each with a rib. */
function leaves(random) {
  const shapes = Array.from({ length: 120 }, () => ({
    x: random(),
    y: random(),
    length: 0.04 + 0.1 * random(),
    angle: Math.PI * random(),
    colour: [0.1 + 0.4 * random(), 0.25 + 0.5 * random(), 0.05 + 0.2 * random()],
  }));
  return (x, y, channel) => {
    for (const { x: cx, y: cy, length, angle, colour: green } of shapes) {
      const along = ((x - cx) * Math.cos(angle) + (y - cy) * Math.sin(angle)) / length;
      const across = ((y - cy) * Math.cos(angle) - (x - cx) * Math.sin(angle)) / length;
      if (Math.abs(along) > 1 || Math.abs(across) > 0.4 * (1 - along * along)) continue;
      return Math.abs(across) < 0.02 ? 0.6 * green[channel] : green[channel] * (0.8 + 0.5 * across);
    }
    return 0.05;
  };
}

/** Lines of dark marks on paper. */
function letters(random) {
  const [columns, rows] = [20 + Math.floor(40 * random()), 10 + Math.floor(20 * random())];
  const marks = Array.from({ length: columns * rows }, () => Math.floor(2 ** 15 * random()));
  const paper = 0.8 + 0.2 * random();
  return (x, y) => {
    const [u, v] = [(x * columns) % 1, (y * rows) % 1];
    if (u > 0.8 || v > 0.7) return paper;
    const bit = Math.floor((v / 0.7) * 5) * 3 + Math.floor((u / 0.8) * 3);
    const mark = marks[Math.floor(y * rows) * columns + Math.floor(x * columns)];
    return (mark >> bit) & 1 ? 0.15 : paper;
  };
}

/** Ellipses of skin colours that fade out, without anything in them. */
function skinBlobs(random) {
  const background = colour(random);
  const blobs = Array.from({ length: 1 + Math.floor(4 * random()) }, () => {
    const tone = 0.3 + 0.6 * random();
    return {
      x: random(),
      y: random(),
      width: 0.1 + 0.25 * random(),
      height: 0.1 + 0.35 * random(),
      colour: [tone, tone * (0.65 + 0.15 * random()), tone * (0.45 + 0.2 * random())],
    };
  });
  return (x, y, channel) =>
    blobs.reduce((value, { x: cx, y: cy, width, height, colour: skin }) => {
      const distance = ((x - cx) / width) ** 2 + ((y - cy) / height) ** 2;
      const weight = 1 / (1 + distance ** 4);
      return value * (1 - weight) + skin[channel] * weight;
    }, background[channel]);
}
