import { parseApiKeyText } from '../../../src/service/access/api-key.js';
import { type Attack, hold } from '../attack.js';
import { plantedNames, secretsIn } from '../planted-secrets.js';

export default {
  title:
    'the logs of the whole run, at their most talkative, are searched for keys, names, images, landmarks and embeddings',
  isShort: true,
  isLast: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 60,
  run: async ({ target, logs, photographs: { person, personAgain } }) => {
    const client = target.client(target.keys.admin);
    const { embeddings } = await client.faceVerification.embed({ image: { content: person } });
    const { faces } = await client.enrollment.listEnrolledFaces({ parent: target.subject });
    const crop = await client.enrollment.getEnrolledFaceCrop({ name: faces[0]?.name ?? '' });
    const { leftEye, nose } = faces[0]?.face?.landmarks ?? {};
    const secrets = {
      'a display name': [...Object.values(plantedNames.keys), plantedNames.collection, plantedNames.subject],
      'the secret of a key': [target.keys.admin, target.keys.acme, target.keys.rival].map(secretOf),
      'the text of a key': ['sfk_'],
      'an embedding': embeddings[0]?.values.slice(0, 8).map((value) => String(value).slice(0, 9)) ?? [],
      landmarks: [leftEye?.x, leftEye?.y, nose?.x, nose?.y].map((value) => String(value).slice(0, 8)),
      'a photograph': [person, personAgain].flatMap((image) => tracesOf(image)),
      'a crop': tracesOf(crop.image),
    };
    // The greeting says where a key goes.
    const all = logs().map((log) => log.replaceAll('SYMFACE_API_KEY=sfk_... ', ''));
    const found = all.flatMap((log) => secretsIn(log, secrets));
    const bytes = all.reduce((sum, log) => sum + log.length, 0);
    hold(found.length === 0, `the logs have ${[...new Set(found)].join(', ')}`);
    hold(bytes > 1_000, 'nothing was logged: the search shows nothing');
    return `${all.length} logs of ${Math.round(bytes / 1024)} KiB have none of them`;
  },
} satisfies Attack;

/** Parts of a file as it may be written: in base64, as numbers, in hex, as text. */
function tracesOf(file: Uint8Array): readonly string[] {
  const part = Buffer.from(file.subarray(300, 330));
  return [
    part.toString('base64').slice(0, 36),
    [...part].join(','),
    part.toString('hex'),
    [...part].join(', '),
  ];
}

function secretOf(key: string): string {
  return parseApiKeyText(key)?.secret ?? key;
}
