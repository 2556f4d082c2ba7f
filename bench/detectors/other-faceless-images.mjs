/**
 * Rendered pictures without a face of ten kinds that the bench does not show: what detectors are developed on, so that the bench's
 * kinds stay unseen. Each is the same in every run.
 */
import { uniformGenerator, streamSeed } from '../../dist/core/random/seeded-random.js';
import { renderedImage } from './faceless-images.mjs';

/** As in faceless-images.mjs: from random numbers the brightness at x and y in [0, 1) of a channel. */
const kinds = { marble, stones, fur, facets, lights, plaid, blossoms, sockets, hills, camouflage };
const kindNames = Object.keys(kinds);

export function kindOfOtherFaceless(index) {
  return kindNames[index % kindNames.length];
}

export function otherFacelessImage(index) {
  const random = uniformGenerator(streamSeed(2, index));
  return renderedImage(kinds[kindOfOtherFaceless(index)](random));
}

function colour(random) {
  return [random(), random(), random()];
}

function mixed(from, to, share, channel) {
  return from[channel] * (1 - share) + to[channel] * share;
}

function points(random, count) {
  return Array.from({ length: count }, () => ({ x: random(), y: random(), colour: colour(random) }));
}

/** Smooth value noise, 0 to 1, with `cells` values to a side, of octaves each half as strong as the last. */
function smoothNoise(random, cells, octaves) {
  const grids = Array.from({ length: octaves }, (_, octave) => {
    const side = cells * 2 ** octave;
    return { side, values: Float32Array.from({ length: (side + 1) ** 2 }, random) };
  });
  const ease = (share) => share * share * (3 - 2 * share);
  return (x, y) => {
    let [sum, total] = [0, 0];
    for (const [octave, { side, values }] of grids.entries()) {
      const [along, down] = [
        Math.min(0.9999, Math.max(0, x)) * side,
        Math.min(0.9999, Math.max(0, y)) * side,
      ];
      const [column, row] = [Math.floor(along), Math.floor(down)];
      const [u, v] = [ease(along - column), ease(down - row)];
      const at = (i, j) => values[(row + j) * (side + 1) + column + i];
      const value = (at(0, 0) * (1 - u) + at(1, 0) * u) * (1 - v) + (at(0, 1) * (1 - u) + at(1, 1) * u) * v;
      sum += value * 0.5 ** octave;
      total += 0.5 ** octave;
    }
    return sum / total;
  };
}

/** Veins where noise bends a wave. */
function marble(random) {
  const noise = smoothNoise(random, 3, 5);
  const [frequency, bend, angle] = [4 + 30 * random(), 2 + 10 * random(), Math.PI * random()];
  const [dark, bright] = [colour(random), colour(random)];
  return (x, y, channel) => {
    const along = frequency * (x * Math.cos(angle) + y * Math.sin(angle));
    return mixed(dark, bright, 0.5 + 0.5 * Math.sin(along + bend * noise(x, y)), channel);
  };
}

/** Cells around points, dark where two meet. */
function stones(random) {
  const middles = points(random, 12 + Math.floor(48 * random()));
  const [joint, own] = [colour(random), random()];
  return (x, y, channel) => {
    let [nearest, second, stone] = [Infinity, Infinity, middles[0]];
    for (const middle of middles) {
      const distance = Math.hypot(x - middle.x, y - middle.y);
      if (distance < nearest) [second, nearest, stone] = [nearest, distance, middle];
      else if (distance < second) second = distance;
    }
    const share = Math.min(1, (second - nearest) * 25);
    const shade = (0.6 + 0.4 * stone.colour[0]) * (1 - own) + stone.colour[channel] * own;
    return joint[channel] * (1 - share) + shade * share * (1 - 4 * nearest);
  };
}

/** Short hairs in a direction that changes slowly. */
function fur(random) {
  const [direction, hair, patches] = [
    smoothNoise(random, 2, 1),
    smoothNoise(random, 48, 2),
    smoothNoise(random, 3, 2),
  ];
  const [dark, bright] = [colour(random), colour(random)];
  return (x, y, channel) => {
    const angle = 2 * Math.PI * direction(x, y);
    const [along, across] = [
      x * Math.cos(angle) + y * Math.sin(angle),
      y * Math.cos(angle) - x * Math.sin(angle),
    ];
    const value = hair((((0.2 * along) % 1) + 1) % 1, ((across % 1) + 1) % 1);
    return mixed(dark, bright, 0.6 * value + 0.5 * patches(x, y) - 0.05, channel);
  };
}

/** Straight cuts through the picture, each part of its own colour. */
function facets(random) {
  const cuts = Array.from({ length: 5 + Math.floor(10 * random()) }, () => ({
    angle: 2 * Math.PI * random(),
    x: random(),
    y: random(),
    colour: colour(random),
  }));
  return (x, y, channel) => {
    const value = cuts.reduce((sum, cut) => {
      const side = (x - cut.x) * Math.cos(cut.angle) + (y - cut.y) * Math.sin(cut.angle);
      return sum + (side > 0 ? cut.colour[channel] - 0.5 : 0);
    }, 0.5);
    return Math.abs((((value % 2) + 2) % 2) - 1);
  };
}

/** Lights out of focus at night. */
function lights(random) {
  const lamps = points(random, 5 + Math.floor(40 * random())).map((lamp) => ({
    ...lamp,
    radius: 0.01 + 0.08 * random(),
    strength: 0.2 + 0.7 * random(),
  }));
  const night = 0.15 * random();
  return (x, y, channel) =>
    lamps.reduce((sum, lamp) => {
      const distance = Math.hypot(x - lamp.x, y - lamp.y) / lamp.radius;
      return distance < 1 ? sum + lamp.strength * (0.3 + lamp.colour[channel]) * (0.7 + 0.3 * distance) : sum;
    }, night);
}

/** Cloth of threads in two directions, turned. */
function plaid(random) {
  const threads = Array.from({ length: 12 }, () => ({
    at: random(),
    width: 0.01 + 0.1 * random(),
    colour: colour(random),
  }));
  const [angle, repeats, cloth] = [Math.PI * random(), 1 + 3 * random(), colour(random)];
  const threadAt = (along, some) =>
    some.find((thread) => Math.abs(((((along * repeats) % 1) + 1) % 1) - thread.at) < thread.width);
  const [across, down] = [threads.slice(0, 6), threads.slice(6)];
  return (x, y, channel) => {
    const [u, v] = [x * Math.cos(angle) + y * Math.sin(angle), y * Math.cos(angle) - x * Math.sin(angle)];
    const [one, other] = [threadAt(u, across), threadAt(v, down)];
    const weave = Math.sin(400 * u) * Math.sin(400 * v) > 0 ? 0.55 : 0.45;
    return mixed(one?.colour ?? cloth, other?.colour ?? cloth, weave, channel);
  };
}

/** Petals around dark or bright middles. */
function blossoms(random) {
  const leaf = [0.1 + 0.3 * random(), 0.2 + 0.4 * random(), 0.1 + 0.2 * random()];
  const flowers = points(random, 3 + Math.floor(15 * random())).map((flower) => ({
    ...flower,
    radius: 0.06 + 0.2 * random(),
    petals: 4 + Math.floor(6 * random()),
    turn: random(),
    middle: colour(random),
  }));
  return (x, y, channel) => {
    for (const flower of flowers) {
      const distance = Math.hypot(x - flower.x, y - flower.y) / flower.radius;
      if (distance > 1) continue;
      if (distance < 0.25) return flower.middle[channel] * (1 - distance);
      const angle = Math.atan2(y - flower.y, x - flower.x) + flower.turn;
      if (distance < 0.55 + 0.45 * Math.cos(flower.petals * angle))
        return flower.colour[channel] * (0.6 + 0.4 * distance);
    }
    return leaf[channel] * (0.6 + 0.4 * Math.sin(30 * x + 20 * y * y));
  };
}

/** Panels with two or three dark holes, knobs and slots: what people see faces in. */
function sockets(random) {
  const [columns, wall, dark] = [1 + Math.floor(4 * random()), colour(random), 0.2 * random()];
  const plate = colour(random).map((value) => 0.4 + 0.6 * value);
  const marks = Array.from({ length: 2 + Math.floor(4 * random()) }, () => ({
    x: 0.25 + 0.25 * random(),
    y: 0.2 + 0.6 * random(),
    width: 0.02 + 0.1 * random(),
    height: 0.02 + 0.08 * random(),
    isRound: random() < 0.6,
  }));
  return (x, y, channel) => {
    const [u, v] = [(x * columns) % 1, (y * columns) % 1];
    if (u < 0.1 || u > 0.9 || v < 0.1 || v > 0.9) return wall[channel] * (0.8 + 0.2 * y);
    const mirrored = Math.min(u, 1 - u);
    const isMark = marks.some(({ x: cx, y: cy, width, height, isRound }) => {
      const [across, down] = [Math.abs(mirrored - cx) / width, Math.abs(v - cy) / height];
      return isRound ? across ** 2 + down ** 2 < 1 : Math.max(across, down) < 1;
    });
    return isMark ? dark : plate[channel] * (1.05 - 0.25 * v);
  };
}

/** Ranges of hills behind one another under clouds. */
function hills(random) {
  const clouds = smoothNoise(random, 4, 4);
  const ranges = Array.from({ length: 2 + Math.floor(4 * random()) }, (_, index) => ({
    line: smoothNoise(random, 3 + 2 * index, 4),
    base: 0.3 + 0.15 * index,
    rough: 0.1 + 0.3 * random(),
    colour: colour(random),
  }));
  const [sky, ground] = [colour(random), smoothNoise(random, 24, 3)];
  return (x, y, channel) => {
    const near = ranges.findLast(({ line, base, rough }) => y > base + rough * (line(x, 0.5) - 0.5));
    if (near === undefined) return mixed(sky, [1, 1, 1], Math.max(0, 1.6 * clouds(x, y) - 0.6), channel);
    return near.colour[channel] * (0.5 + 0.7 * ground(x, y));
  };
}

/** Soft patches of three or four colours, some of them of skin. */
function camouflage(random) {
  const noises = Array.from({ length: 4 }, () => smoothNoise(random, 2 + Math.floor(8 * random()), 3));
  const tone = 0.3 + 0.6 * random();
  const colours = [
    colour(random),
    colour(random),
    [tone, 0.75 * tone, 0.6 * tone],
    [0.4 * tone, 0.3 * tone, 0.25 * tone],
  ];
  const sharpness = 4 + 40 * random();
  return (x, y, channel) => {
    const weights = noises.map((noise) => Math.exp(sharpness * noise(x, y)));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return weights.reduce((sum, weight, index) => sum + (weight / total) * colours[index][channel], 0);
  };
}
