/** Entry point of a process that decodes photographs and labels their faces. */
import { readFile } from 'node:fs/promises';
import { leaveSignalsToParent } from '../../../core/concurrency/process-signals.js';
import { Failure } from '../../../core/failure.js';
import { toRecord } from '../../../core/failure-record.js';
import type { RgbImage } from '../../../core/images/rgb-image.js';
import { SharpImageDecoder } from '../../../inference/decode/sharp-image-decoder.js';
import { createFaceDetector } from '../../../inference/detect/create-face-detector.js';
import type {
  LabelledBatch,
  LabellingDetectors,
  LabellingReply,
  LabellingRequest,
  PhotographToLabel,
  UnreadablePhotograph,
} from './labelling-protocol.js';
import { PhotographLabeller } from './photograph-labeller.js';

const decoder = new SharpImageDecoder();
let labeller: Promise<PhotographLabeller> = Promise.reject(new Error('no detectors are loaded'));
// Nothing is lost: whoever asks for labels is told.
labeller.catch(() => undefined);
let previous: Promise<void> = Promise.resolve();

async function load({ first, others }: LabellingDetectors): Promise<PhotographLabeller> {
  const options = { intraOpThreads: 1 };
  const detectors = [];
  for (const model of others) detectors.push(await createFaceDetector(model, options));
  return new PhotographLabeller(await createFaceDetector(first, options), detectors);
}

async function label(photographs: readonly PhotographToLabel[]): Promise<LabelledBatch> {
  const unreadable: UnreadablePhotograph[] = [];
  const decoded: { readonly photograph: PhotographToLabel; readonly image: RgbImage }[] = [];
  for (const photograph of photographs) {
    try {
      decoded.push({ photograph, image: await decoder.decode(await readFile(photograph.path)) });
    } catch (error) {
      const isOfTheFile = error instanceof Failure || (error instanceof Error && 'code' in error);
      if (!isOfTheFile) throw error;
      unreadable.push({ path: photograph.path, message: error.message });
    }
  }
  const faces = await (await labeller).label(decoded.map(({ image }) => image));
  return {
    photographs: decoded.map(({ photograph: { set, file }, image: { width, height } }, index) => ({
      set,
      file,
      width,
      height,
      faces: faces[index] ?? [],
    })),
    unreadable,
  };
}

async function answer(id: number, photographs: readonly PhotographToLabel[]): Promise<void> {
  const reply: LabellingReply = await label(photographs).then(
    (batch) => ({ type: 'labelled', id, batch }),
    (error: unknown) => ({ type: 'failed', id, error: toRecord(error) }),
  );
  process.send?.(reply);
}

process.on('message', (request: LabellingRequest) => {
  if (request.type === 'load') {
    labeller = load(request.detectors);
    labeller.catch(() => undefined);
    return;
  }
  previous = previous.then(() => answer(request.id, request.photographs));
});
process.on('disconnect', () => process.exit());
leaveSignalsToParent();
