/** What an operator does with the service, by its clients: enrol, train, assess, activate, embed. Defaults only. */
import { readFile } from 'node:fs/promises';
import { forEachConcurrently } from '../accuracy/for-each-concurrently.mjs';
import { bySubject } from './photographs.mjs';

const selection = 'FACE_SELECTION_LARGEST';
const imagesPerCall = 16;
const concurrency = 4;
const collection = 'site';

/** Enrols photographs with consent in a collection whose gate refuses nothing. @returns `{ enrolled, twice, refused: { REASON: count } }`; twice: the same bytes as another one */
export async function enrol(client, photographs) {
  await client.enrollment.createCollection({
    collectionId: collection,
    qualityGate: {},
    defaultConsentToTrain: true,
  });
  const counts = { enrolled: 0, twice: 0, refused: {} };
  await forEachConcurrently(await bySubject(photographs), concurrency, 'enrol', async ([subject, images]) => {
    for (let start = 0; start < images.length; start += imagesPerCall) {
      const { results } = await client.enrollment.enrollFaces({
        parent: `collections/${collection}/subjects/${subject}`,
        images: images.slice(start, start + imagesPerCall),
        createSubject: start === 0,
        faceSelection: selection,
      });
      for (const { face, error, alreadyEnrolled } of results) {
        if (alreadyEnrolled) counts.twice++;
        else if (face) counts.enrolled++;
        else {
          const reason = reasonOf(error);
          counts.refused[reason] = (counts.refused[reason] ?? 0) + 1;
        }
      }
    }
  });
  return counts;
}

/** The reason in the details of a google.rpc.Status. */
function reasonOf(error) {
  const details = error.details.map(({ value }) => Buffer.from(value).toString('latin1')).join(' ');
  return /[A-Z]+(?:_[A-Z]+)+/u.exec(details)?.[0] ?? error.message;
}

/** @returns embeddings, one a photograph; undefined where no face was found */
export async function embed(client, photographs) {
  return forEachConcurrently(photographs, concurrency, 'embed', async ({ path }) => {
    try {
      const image = { content: await readFile(path) };
      const { embeddings } = await client.faceVerification.embed({ image, faceSelection: selection });
      return Float32Array.from(embeddings[0].values);
    } catch (error) {
      if (error.reason === 'FACE_NOT_FOUND') return undefined;
      throw error;
    }
  });
}

/** Follows a job to its end. @throws Error where it has not succeeded */
export async function ended(client, name) {
  let last;
  for await (const { job } of client.job.watchJob({ name })) last = job;
  if (last.state === 'JOB_STATE_SUCCEEDED') return last;
  throw Object.assign(new Error(`${name} ended ${last.state}: ${last.error?.message ?? ''}`), { job: last });
}

/**
 * A training with the service's defaults but for a policy, and the assessment of what comes of it.
 * @returns `{ training, assessment }`; no assessment where there was nothing to gain
 */
export async function retrain(client, timed, policy = {}) {
  const { job } = await client.training.createTraining({ policy });
  const { training } = await timed('train', () => ended(client, job.name));
  const { assessment: assessing } = training.result;
  if (training.result.modelVersion === '' || assessing === '') return { training };
  const { assessment } = await timed('assess', () => ended(client, assessing));
  return { training, assessment };
}

/** Has a candidate serve. */
export async function activate(client, modelVersion, skipAssessment) {
  const { job } = await client.model.createActivation({
    modelVersion,
    skipAssessment,
    allowWithoutThreshold: true,
  });
  await ended(client, job.name);
}

export async function servingBackbone(client) {
  const { modelVersions } = await client.model.listModelVersions({ kind: 'MODEL_KIND_BACKBONE' });
  return modelVersions.find(({ active }) => active).name.replace('modelVersions/', '');
}
