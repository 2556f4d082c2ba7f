/** What the face quality network is trained on: descriptions of measured faces, and what it should say of each. */
import { cropDescriptionLength, describeCrop } from '../../dist/core/faces/quality/crop-description.js';
import { dotProduct, groupedBy, openCrops, readFaces } from '../../bench/quality/face-rows.mjs';

/** Sharper than this a face is not described: an aligned crop has no more detail. */
const mostDetailPixels = 64;
const progressEvery = 2000;

/**
 * @typedef {object} TrainingFace
 * @property {string} identity
 * @property {string} group kind and view, such as "mask frontal"
 * @property {readonly Float32Array[]} descriptions [539] of the crop and of its mirror image
 * @property {Float32Array} embedding of unit length
 * @property {readonly number[]} hidden mouth, nose, eyes: 0 or 1
 * @property {number | undefined} detailPixels where it is known
 * @property {number | undefined} accepted the share of comparisons with other, sharp photographs of the person that succeed; undefined
 *   where there is none
 * @property {object} quality the service's measures
 */

/**
 * Reads files of measured faces with their crops (bench/quality/measure-faces.mjs --crops).
 * @param threshold cosine similarity from which on a comparison succeeds
 * @returns {Promise<readonly (readonly TrainingFace[])[]>} a list for each file
 */
export async function readTrainingFaces(files, threshold) {
  const sets = [];
  for (const file of files) sets.push(await facesOf(file, threshold));
  return sets;
}

async function facesOf(file, threshold) {
  const rows = await readFaces(file);
  const mates = groupedBy(rows.filter(isSharpFront), ({ identity }) => identity);
  const crops = await openCrops(file);
  const faces = [];
  for (const [index, row] of rows.entries()) {
    const { identity, kind, view, hidden, embedding, quality } = row;
    const crop = await crops.read(row.crop);
    faces.push({
      identity,
      group: `${kind} ${view}`,
      isSharpFront: isSharpFront(row),
      descriptions: [describeCrop(crop), describeCrop(mirrored(crop))],
      embedding,
      quality,
      hidden: [hidden.mouth, hidden.nose, hidden.eyes],
      detailPixels: row.detailPixels && Math.min(row.detailPixels, row.facePixels, mostDetailPixels),
      accepted: acceptedShare(row, mates.get(identity) ?? [], threshold),
    });
    if (index % progressEvery === 0) process.stderr.write(`${file}: ${index} of ${rows.length} described\n`);
  }
  await crops.close();
  return faces;
}

function isSharpFront({ kind, view }) {
  return kind === 'sharp' && view !== 'profile';
}

function acceptedShare({ image, embedding }, mates, threshold) {
  const others = mates.filter((mate) => mate.image !== image);
  if (others.length === 0) return undefined;
  return others.filter((mate) => dotProduct(mate.embedding, embedding) >= threshold).length / others.length;
}

function mirrored({ width, height, pixels }) {
  const turned = new Uint8Array(pixels.length);
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const source = (row * width + width - 1 - column) * 3;
      turned.set(pixels.subarray(source, source + 3), (row * width + column) * 3);
    }
  }
  return { width, height, pixels: turned };
}

/** Added to standard deviations, so that numbers which hardly vary are not blown up. */
const leastDeviation = 0.02;

/** Mean and spread of the descriptions, crops as they are. @returns `{ mean, deviation }`, [539] each */
export function descriptionStatistics(faces) {
  const mean = new Float64Array(cropDescriptionLength);
  const variance = new Float64Array(cropDescriptionLength);
  const accumulate = (valueOf, sums) => {
    for (const { descriptions } of faces)
      for (const [place, value] of descriptions[0].entries())
        sums[place] += valueOf(value, place) / faces.length;
  };
  accumulate((value) => value, mean);
  accumulate((value, place) => (value - mean[place]) ** 2, variance);
  return { mean, deviation: variance.map((value) => Math.sqrt(value) + leastDeviation) };
}

/** Puts descriptions on one scale, in place. */
export function standardise(faces, { mean, deviation }) {
  for (const { descriptions } of faces)
    for (const description of descriptions)
      for (const [place, value] of description.entries())
        description[place] = (value - mean[place]) / deviation[place];
}
