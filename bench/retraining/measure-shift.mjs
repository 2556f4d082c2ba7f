/** One shift: a service of its own, enrolment, before, the training, after. */
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { withOwnService } from '../benchmark/own-service.mjs';
import { activate, embed, enrol, retrain, servingBackbone } from './service-loop.mjs';

/**
 * @param parts `{ sets, lfw, policy, settings }`; lfw is undefined where LFW is not measured, settings are the service's environment
 * @returns all that was measured, embeddings included
 */
export async function measureShift(shift, { sets, lfw, policy, settings }) {
  const seconds = {};
  const timed = async (stage, work) => {
    const startedAtMs = performance.now();
    try {
      return await work();
    } finally {
      seconds[stage] = (performance.now() - startedAtMs) / 1000;
      process.stderr.write(`${shift}: ${stage} ${seconds[stage].toFixed(1)} s\n`);
    }
  };
  const { enrolled, unseen } = await timed('set', () => sets.photographsOf(shift));
  const startedAtMs = performance.now();
  const measured = await withOwnService(async (client, { dataFolder }) => {
    seconds.start = (performance.now() - startedAtMs) / 1000;
    const parent = await servingBackbone(client);
    const { operatingPoint } = await client.benchmark.getOperatingPoint({});
    const { falseMatchRate } = operatingPoint;
    const enrolment = await timed('enrol', () => enrol(client, enrolled));
    const before = await timed('before', () => embed(client, unseen));
    const { training, assessment } = await retrain(client, timed, policy);
    const outcome = outcomeOf(training, assessment);
    const common = { parent, falseMatchRate, enrolment, outcome, training, assessment };
    if (outcome === 'nothing-to-gain') return { ...common, before };
    const candidate = training.result.modelVersion;
    const isRejected = outcome === 'rejected';
    // What it would have been is measured all the same.
    await timed('activate', () => activate(client, candidate, isRejected));
    const after = await timed('after', () => embed(client, unseen));
    if (isRejected || lfw === undefined) return { ...common, candidate, before, after };
    const accuracy = await timed('lfw', async () => lfw.of(await fileOf(candidate, dataFolder)));
    return { ...common, candidate, before, after, lfw: accuracy };
  }, settings);
  return { shift, ...measured, seconds, photographs: { enrolled, unseen } };
}

/** What the service decided. */
function outcomeOf({ result }, assessment) {
  if (result.modelVersion === '') return 'nothing-to-gain';
  return assessment?.verdict === 'ASSESSMENT_VERDICT_REJECTED' ? 'rejected' : 'activated';
}

/** The candidate's files in the data folder of the service that runs. */
async function fileOf(modelVersion, dataFolder) {
  return new ModelFiles(dataFolder).get(modelVersion.replace('modelVersions/', ''));
}
