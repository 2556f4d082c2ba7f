import sharp from 'sharp';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import { collageOf, plainPng, turnedFloatTiff } from '../../support/dear-images.js';
import { hugePng } from '../../support/npm-photographs.js';
import { residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold } from '../attack.js';

/** What is refused by its size is refused before any work. */
const refusalMs = 1_500;
/** What is worked on, of the largest images that are taken. */
const workMs = 15_000;
/** No face has room in a strip: a few looks at the whole are enough. */
const stripMs = 4_000;
const perWorkerMebibytes = 2_000;

export default {
  title:
    'small files that are dear to read: tall PNGs, strips, bombs, turned float TIFFs, collages of a thousand faces',
  isShort: true,
  limitSeconds: 120,
  bystander: { slowestMs: 15_000 },
  run: async ({ target, photographs, isShort }) => {
    const { faceVerification } = target.client(target.keys.rival, 60_000);
    const detect = async (content: Buffer, includeCrops = false): Promise<readonly [string, number]> => {
      const beginMs = performance.now();
      const answer = faceVerification.detectFaces({ image: { content }, includeCrops });
      const said = await answer.then(({ faces }) => `${faces.length} faces`, reasonOf);
      return [said, performance.now() - beginMs];
    };
    const seen: string[] = [];
    const refused = async (
      what: string,
      content: Buffer,
      reason: RegExp,
      limitMs = refusalMs,
      crops = false,
    ) => {
      const outcomes = await Promise.all(Array.from({ length: 4 }, () => detect(content, crops)));
      const slowestMs = Math.max(...outcomes.map(([, ms]) => ms));
      for (const [said] of outcomes)
        hold(reason.test(said), `${what}, ${content.length} bytes, is answered: ${said}`);
      // Four at once wait for each other.
      hold(slowestMs < limitMs * 2, `${what} is answered after ${Math.round(slowestMs)} ms`);
      seen.push(`${what} ${outcomes[0]?.[0] ?? ''} ${Math.round(slowestMs)} ms`);
    };
    const { faces } = await faceVerification.detectFaces({ image: { content: photographs.person } });
    const face = await faceWithin(photographs.person, faces[0]?.box ?? undefined);
    await refused('1 x 50,000,000', plainPng(1, 50_000_000), /^IMAGE_TOO_LARGE$/u);
    await refused('30,000 x 30,000', hugePng(), /^IMAGE_TOO_LARGE$/u);
    await refused('32,768 x 1', plainPng(32_768, 1), /^0 faces$/u, stripMs);
    await refused(
      'a collage of 1,600 faces',
      await collageOf(face, 40, 40, 100),
      /^(?:MULTIPLE_FACES|\d+ faces)$/u,
      workMs,
    );
    await refused(
      'crops of 400 faces',
      await collageOf(face, 20, 20, 120),
      /^MULTIPLE_FACES$/u,
      workMs,
      true,
    );
    if (!isShort) {
      const before = residentMebibytes(target.server.process.pid ?? 0);
      await refused('a turned float TIFF', await turnedFloatTiff(6_900), /^(?:0 faces|IMAGE_\w+)$/u, workMs);
      const grown = residentMebibytes(target.server.process.pid ?? 0) - before;
      hold(grown < perWorkerMebibytes, `a turned float TIFF leaves ${Math.round(grown)} MiB`);
    }
    return seen.join('; ');
  },
} satisfies Attack;

function reasonOf(error: unknown): string {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName}: ${error.message}`)
    : String(error);
}

/** The face of a photograph with little around it: a collage of those has as many faces as pictures. */
async function faceWithin(photograph: Buffer, box: Box | undefined): Promise<Buffer> {
  hold(box !== undefined, 'no face is found in the photograph that attacks are made of');
  const margin = 0.15 * box.height;
  const { width, height } = await sharp(photograph).metadata();
  const left = Math.max(0, Math.round(box.x - margin));
  const top = Math.max(0, Math.round(box.y - margin));
  return sharp(photograph)
    .extract({
      left,
      top,
      width: Math.min(width - left, Math.round(box.width + 2 * margin)),
      height: Math.min(height - top, Math.round(box.height + 2 * margin)),
    })
    .png()
    .toBuffer();
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}
