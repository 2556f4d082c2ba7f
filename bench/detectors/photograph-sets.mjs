/** The pictures of each set: { set, name, identity, source }, where `source` says how the picture comes about. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { cameraPicture } from './camera-pictures.mjs';
import { facelessCount, facelessImage } from './faceless-images.mjs';

/** The share of celeba299's identities that detectors of SymFace are not trained on. */
const heldOutShare = 0.1;
/** CFP's identities after this one are kept for validation. */
const lastTrainedOfCfp = 200;

const decoder = new SharpImageDecoder();

/** @returns set name -> pictures; sets whose folder is absent are left out, and said so */
export async function photographSets(dataFolder) {
  const sets = {
    ...(await cfpSets(join(dataFolder, 'cfp'))),
    ...(await lfwSet(join(dataFolder, 'lfw/images'))),
    ...(await cameraSets(join(dataFolder, 'celeba299'))),
    'no face': Array.from({ length: facelessCount }, (_, index) => ({
      name: String(index),
      source: { faceless: index },
    })),
  };
  return Object.fromEntries(
    Object.entries(sets).map(([set, pictures]) => [set, pictures.map((picture) => ({ set, ...picture }))]),
  );
}

/** The picture, as the service would decode it. */
export async function loadPicture({ name, source }) {
  if (source.faceless !== undefined) return facelessImage(source.faceless);
  const image = await decoder.decode(await readFile(source.file));
  return source.isCamera ? cameraPicture(image, name) : image;
}

/** At most `limit` of the pictures, evenly spread over the list. */
export function evenly(pictures, limit) {
  if (pictures.length <= limit) return pictures;
  return Array.from({ length: limit }, (_, index) => pictures[Math.floor((index * pictures.length) / limit)]);
}

/**
 * Whether detectors are not trained on a person: as `validation: { share: 0.1 }` of a training's photographs chooses, by the
 * first 32 bits of the name's SHA-256.
 */
export function isHeldOut(identity) {
  return createHash('sha256').update(identity).digest().readUInt32BE(0) / 2 ** 32 < heldOutShare;
}

/** @returns [{ identity, files }] of a folder of folders, in the order of their names; none where it is absent */
export async function identitiesOf(folder, subfolder = '') {
  if (!existsSync(folder)) {
    console.error(`left out: ${folder} is absent`);
    return [];
  }
  const identities = (await readdir(folder)).sort();
  return Promise.all(
    identities.map(async (identity) => {
      const names = await readdir(join(folder, identity, subfolder));
      const photographs = names.filter((name) => name.endsWith('.jpg')).sort();
      return { identity, files: photographs.map((name) => join(folder, identity, subfolder, name)) };
    }),
  );
}

function picturesOf(identities, isCamera = false) {
  return identities.flatMap(({ identity, files }) =>
    files.map((file) => ({
      name: `${identity}/${file.split('/').at(-1)}`,
      identity,
      source: { file, isCamera },
    })),
  );
}

async function cfpSets(folder) {
  const sets = {};
  for (const view of ['frontal', 'profile']) {
    const identities = await identitiesOf(folder, view);
    const isTrained = ({ identity }) => Number(identity) <= lastTrainedOfCfp;
    sets[`CFP ${view} 001-200`] = picturesOf(identities.filter(isTrained));
    sets[`CFP ${view} 201-250`] = picturesOf(identities.filter((entry) => !isTrained(entry)));
  }
  return sets;
}

async function lfwSet(folder) {
  return { LFW: picturesOf(await identitiesOf(folder)) };
}

async function cameraSets(folder) {
  const identities = await identitiesOf(folder);
  const some = (chosen) => picturesOf(identities.filter(chosen), true);
  const heldOut = some(({ identity }) => isHeldOut(identity));
  const others = some(({ identity }) => !isHeldOut(identity));
  return { 'camera, held out': heldOut, 'camera, others': evenly(others, heldOut.length) };
}
