import sharp from 'sharp';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { type Attack, hold } from '../attack.js';
import { mutated, Random } from '../random.js';

const atOnce = 4;

export default {
  title: 'images of every format with bytes changed, cut off and doubled',
  isShort: true,
  limitSeconds: 240,
  // The attacker has as many calls under way as there are workers, twice.
  bystander: { mayBeRefused: false },
  run: async ({ target, photographs, isShort }) => {
    const { faceVerification } = target.client(target.keys.rival);
    const seeds = await imagesOfEveryFormat(photographs.personAgain);
    const random = new Random(24);
    const outcomes = new Map<string, number>();
    let left = isShort ? 120 : 1_500;
    const send = async (): Promise<void> => {
      while (left-- > 0) {
        const [format, image] = random.pick(seeds);
        const reason = await faceVerification
          .detectFaces({ image: { content: mutated(image, random) } })
          .then(() => 'read', reasonOf);
        outcomes.set(reason, (outcomes.get(reason) ?? 0) + 1);
        hold(reason === 'read' || /^(?:IMAGE|FACE)_/u.test(reason), `a mutated ${format} is ${reason}`);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, send));
    return [...outcomes].map(([reason, count]) => `${count} ${reason}`).join(', ');
  },
} satisfies Attack;

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName}: ${error.message}`)
    : String(error);
}

async function imagesOfEveryFormat(photograph: Buffer): Promise<readonly (readonly [string, Buffer])[]> {
  const small = sharp(photograph).resize(240);
  const formats = ['jpeg', 'png', 'webp', 'gif', 'tiff', 'avif'] as const;
  const plain = formats.map(
    async (format) => [format, await small.clone().toFormat(format).toBuffer()] as const,
  );
  const turned = small.clone().withMetadata({ orientation: 6 }).jpeg({ progressive: true }).toBuffer();
  return [...(await Promise.all(plain)), ['turned progressive jpeg', await turned]];
}
