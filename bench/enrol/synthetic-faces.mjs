/** Embeddings of real faces, and more that lie among them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadFaceAnalyser } from '../quality/face-analyser.mjs';

/** How many real ones a synthetic one is made of: it resembles each of them as strangers resemble each other at most. */
const parts = 32;

/** Photographs that are probes, one of each subject after the other. */
const probeFiles = ['06.jpg', '07.jpg', '08.jpg', '09.jpg'];

/**
 * One photograph of each subject that is enrolled, and others that are probes.
 * @param folder of CFP
 * @param probeCount at most
 * @returns {Promise<{ enrolled: Float32Array[], probes: Float32Array[] }>}
 */
export async function realEmbeddings(folder, probeCount) {
  const dataFolder = fileURLToPath(new URL('../../.symface', import.meta.url));
  const { analyse } = await loadFaceAnalyser(dataFolder, {
    detector: 'retinaface-symface',
    backbone: 'mobilefacenet-symface',
  });
  const embed = async (subject, file) =>
    (await analyse(await readFile(join(folder, subject, 'frontal', file)))).embedding;
  const result = { enrolled: [], probes: [] };
  const subjects = await readdir(folder);
  for (const subject of subjects) result.enrolled.push(await embed(subject, '01.jpg'));
  const probes = probeFiles.flatMap((file) => subjects.map((subject) => [subject, file]));
  for (const probe of probes.slice(0, probeCount)) result.probes.push(await embed(...probe));
  return result;
}

/** A function that answers another embedding each time: real ones at random, added with weights at random, at unit length. */
export function syntheticFaces(real, seed) {
  const random = mulberry32(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return () => {
    const values = new Float64Array(real[0].length);
    for (let part = 0; part < parts; part++) {
      const [face, weight] = [real[Math.floor(random() * real.length)], normal()];
      for (let index = 0; index < values.length; index++) values[index] += weight * face[index];
    }
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    return Float32Array.from(values, (value) => value / norm);
  };
}

/** A function that answers another direction each time, all directions being as likely: normal deviates at unit length. */
export function randomDirections(dimension, seed) {
  const random = mulberry32(seed);
  return () => {
    const values = new Float32Array(dimension);
    let squares = 0;
    for (let index = 0; index < dimension; index += 2) {
      const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
      values[index] = radius * Math.cos(angle);
      if (index + 1 < dimension) values[index + 1] = radius * Math.sin(angle);
      squares += radius * radius;
    }
    const norm = Math.sqrt(squares);
    return values.map((value) => value / norm);
  };
}

function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
