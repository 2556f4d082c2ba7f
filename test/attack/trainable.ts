import { anotherFile } from '../support/another-file.js';
import { imageNetNetwork, smallManifest } from '../support/small-networks.js';
import { hold, type Scene } from './attack.js';
import type { Target } from './target.js';

export const trainedCollection = 'collections/trained';
const persons = 5;
const facesOfEach = 3;
/** How many faces there are to train on. */
export const trainableFaces = persons * facesOfEach;

/** A policy by which a training on them takes seconds. */
export const shortTraining = {
  minimumIdentities: 4,
  minimumFacesPerIdentity: 2,
  batchSize: 4,
  epochs: 3,
  trainedShare: 0.5,
  replayIdentities: 0,
  minimumFrontalShare: 0,
} as const;

/** Enrols whom to train on, and imports a network that is quick to train. @returns its name */
export async function enrolTrainable({ photographs }: Scene, target: Target): Promise<string> {
  const { enrollment, model } = target.client(target.keys.admin);
  await enrollment.createCollection({
    collectionId: 'trained',
    defaultConsentToTrain: true,
    qualityGate: { minimumUtility: 0 },
  });
  const pictures = [photographs.person, photographs.personAgain, photographs.other];
  for (let person = 0; person < persons; person++) {
    const { results } = await enrollment.enrollFaces({
      parent: `${trainedCollection}/subjects/p${person}`,
      images: pictures.slice(0, facesOfEach).map((content) => ({ content: anotherFile(content) })),
      createSubject: true,
      allowDuplicates: true,
    });
    const refused = results.find(({ error }) => error != null);
    hold(refused === undefined, `a face is not enrolled: ${refused?.error?.message ?? ''}`);
  }
  const { modelVersion } = await model.importModelVersion([
    { manifestJson: JSON.stringify(smallManifest) },
    { graphChunk: imageNetNetwork() },
  ]);
  return modelVersion?.name ?? '';
}
