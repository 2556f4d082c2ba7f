import { RemoteFailure } from '../../../src/client/remote-failure.js';
import type { SymFaceClient } from '../../../src/client/symface-client.js';
import { type Attack, hold } from '../attack.js';
import { activeBackbone } from '../../support/activations.js';

const dimension = 512;
const told = /^(?:INVALID_ARGUMENT|EMBEDDING_\w+)$/u;

export default {
  title:
    'embeddings of a device: zeros, NaN, infinities, denormals, the largest floats, one too many, a million, another model, opposites',
  isShort: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 60,
  run: async ({ target, photographs }) => {
    const { admin } = target.client(target.keys.admin);
    const { secret } = await admin.createApiKey({ tenant: 'devices', role: 'API_KEY_ROLE_DEVICE' });
    const { faceVerification, enrollment } = target.client(secret);
    const modelVersion = (await activeBackbone(target.client(target.keys.admin))).split('/')[1] ?? '';
    await enrollment.createCollection({ collectionId: 'devices' });
    const parent = 'collections/devices/subjects/ada';
    const enrol = async (values: number[], version = modelVersion): Promise<string> =>
      enrollment
        .enrollFaces({
          parent,
          embeddings: [{ values, modelVersion: version }],
          createSubject: true,
          allowDuplicates: true,
        })
        .then(({ results }) => reasonIn(results[0]?.error) ?? 'enrolled', reasonOf);
    const verify = async (values: number[]): Promise<string> =>
      faceVerification
        .verifySubject({ subject: parent, embedding: { values, modelVersion }, similarityThreshold: 0.4 })
        .then(({ similarity, matched }) => {
          const isSense = Number.isFinite(similarity) && Math.abs(similarity) <= 1.000_01;
          return isSense ? `matched ${matched}` : `similarity ${similarity}`;
        }, reasonOf);
    const { embeddings } = await target
      .client()
      .faceVerification.embed({ image: { content: photographs.person } });
    const right = embeddings[0]?.values ?? [];
    hold(right.length === dimension, `an embedding has ${right.length} numbers`);
    const first = await enrol(right);
    hold(first === 'enrolled', `an ordinary embedding is ${first}`);
    const refused: Readonly<Record<string, number[]>> = {
      none: [],
      zeros: filled(0),
      'negative zeros': filled(-0),
      NaN: [...right.slice(1), Number.NaN],
      infinities: [...right.slice(1), Number.POSITIVE_INFINITY],
      'one too few': right.slice(1),
      'one too many': [...right, 0.1],
      'a million': Array.from({ length: 1_000_000 }, () => 0.1),
    };
    for (const [what, values] of Object.entries(refused))
      for (const [how, outcome] of [
        ['enrolled', await enrol(values)],
        ['verified', await verify(values)],
      ] as const)
        hold(told.test(outcome), `an embedding of ${what}, ${how}, is ${outcome}`);
    // They have a direction, however long or short they are: what is taken has to make sense.
    const extreme: Readonly<Record<string, number[]>> = {
      denormals: filled(1e-45),
      'the smallest squares': filled(1e-30),
      'the largest floats': filled(3.4e38),
      'one large number': [3.4e38, ...filled(1e-30).slice(1)],
      'the same, a hundred times as long': right.map((value) => value * 100),
      'the same, a billionth as long': right.map((value) => value * 1e-9),
    };
    const seen: string[] = [];
    for (const [what, values] of Object.entries(extreme)) {
      const outcomes = [await verify(values), await enrol(values)];
      for (const outcome of outcomes)
        hold(
          /^(?:matched \w+|enrolled)$/u.test(outcome) || told.test(outcome),
          `an embedding of ${what} is ${outcome}`,
        );
      if (what.startsWith('the same'))
        hold(outcomes[0] === 'matched true', `an embedding that is ${what} is ${outcomes[0] ?? ''}`);
      seen.push(`${what}: ${outcomes.join(', ')}`);
    }
    const other = await enrol(right, 'mobilefacenet-000000000000');
    hold(other === 'EMBEDDING_NOT_COMPARABLE', `an embedding of another model is ${other}`);
    hold((await verify(right)) === 'matched true', 'an ordinary embedding does not match any more');
    const opposites = await similarityToOpposites(target.client(secret), { values: right, modelVersion });
    hold(opposites === 0, `a subject of opposite embeddings is as alike as ${opposites}`);
    await enrollment.deleteCollection({ name: 'collections/devices' });
    return `${Object.keys(refused).length} kinds refused; ${seen.join('; ')}`;
  },
} satisfies Attack;

/** How alike an embedding is to a subject that has it and its opposite, whose mean has no direction. */
async function similarityToOpposites(
  { enrollment, faceVerification }: SymFaceClient,
  embedding: { readonly values: number[]; readonly modelVersion: string },
): Promise<number> {
  const subject = 'collections/devices/subjects/janus';
  const opposite = { ...embedding, values: embedding.values.map((value) => -value) };
  const embeddings = [embedding, opposite];
  await enrollment.enrollFaces({ parent: subject, embeddings, createSubject: true, allowDuplicates: true });
  const policy = 'SUBJECT_POLICY_MEAN';
  const { candidates } = await faceVerification.identify({
    collection: 'collections/devices',
    embedding,
    policy,
  });
  hold(candidates.length > 0, 'nobody is found beside a subject of opposite embeddings');
  const { similarity } = await faceVerification.verifySubject({ subject, embedding, policy });
  return similarity;
}

function filled(value: number): number[] {
  return Array.from({ length: dimension }, () => value);
}

function reasonIn(
  error: Parameters<typeof RemoteFailure.fromStatus>[0] | null | undefined,
): string | undefined {
  return error == null ? undefined : reasonOf(RemoteFailure.fromStatus(error));
}

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error);
}
