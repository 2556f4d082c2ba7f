import { counted } from '../../core/counted.js';
import type { FindFace } from '../../datasets/degradation/degraded-set.js';
import type { FoundImage } from '../../datasets/identities/identity-images.js';
import type { ShiftName } from '../../datasets/degradation/shift-names.js';
import { EXIT_INTERRUPTED, EXIT_OK } from '../exit-code.js';
import { ImageProgress } from '../image-progress.js';
import { interruptible } from '../interruption.js';
import { withLocalAnalysis } from '../local/local-analysis.js';
import type { Session } from '../session.js';
import { degradeImages, type DegradationResult, imagesToDegrade, needsFaces } from './degrade-folder.js';
import { type DegradationRecord, makeOutputFolder, writeRecord, writingFailure } from './degraded-folder.js';
import { detectedFaces, taggedFaces } from './find-face.js';

/** The options of `dataset degrade`. */
export interface DegradeOptions {
  readonly shift: ShiftName;
  readonly output: string;
  readonly seed: number;
  readonly tags?: string;
  readonly frontal: number;
  readonly parallel: number;
  readonly json?: true;
}

/** Makes a degraded set. @returns the exit code @throws Failure, CommandFailure */
export async function runDegradation(
  session: Session,
  folder: string,
  options: DegradeOptions,
): Promise<number> {
  const { shift, seed, output } = options;
  const images = await imagesToDegrade(folder, session.terminal);
  const source = needsFaces(shift, images) ? (options.tags ?? 'detection') : 'none';
  const tagged = source === 'detection' || source === 'none' ? undefined : await taggedFaces(source);
  await makeOutputFolder(output, folder);
  return interruptible(async (signal) => {
    const work = (findFace: FindFace): Promise<DegradationResult> =>
      degradeWithProgress(session, images, options, findFace, signal);
    if (source !== 'detection') {
      const result = await work(tagged?.findFace ?? noFace);
      return finish(session, options, result, {
        shift,
        seed,
        detectorVersion: tagged?.detectorVersion ?? null,
      });
    }
    return withLocalAnalysis(session, async ({ analysis, models }) => {
      const result = await work(detectedFaces(analysis, signal));
      return finish(session, options, result, { shift, seed, detectorVersion: models.detector.version.id });
    });
  });
}

/** Nobody asks where faces do not matter. */
const noFace: FindFace = () => Promise.resolve(undefined);

async function degradeWithProgress(
  { terminal }: Session,
  images: readonly FoundImage[],
  { shift, seed, output, frontal: frontalCount, parallel }: DegradeOptions,
  findFace: FindFace,
  signal: AbortSignal,
): Promise<DegradationResult> {
  const progress = new ImageProgress(terminal.isInteractive, images.length);
  let finished = 0;
  const onImage = (): void => {
    progress.update(++finished);
  };
  const order = { shift, seed, output, frontalCount, parallel, signal, onImage };
  try {
    return await degradeImages(images, order, findFace);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw writingFailure(output, error);
  } finally {
    progress.stop();
  }
}

async function finish(
  { terminal }: Session,
  { output, json }: DegradeOptions,
  result: DegradationResult,
  about: Pick<DegradationRecord, 'shift' | 'seed' | 'detectorVersion'>,
): Promise<number> {
  if (result === undefined) {
    terminal.err(`Interrupted: ${output} is not whole. Remove it and run the command again.`);
    return EXIT_INTERRUPTED;
  }
  const record = { ...about, ...result };
  await writeRecord(output, record);
  for (const line of json ? [JSON.stringify(record)] : shownRecord(output, record)) terminal.out(line);
  return EXIT_OK;
}

function shownRecord(
  output: string,
  { identityCount, imageCounts, leftOut }: DegradationRecord,
): readonly string[] {
  const { written, 'not-chosen': notChosen, 'no-face': noFaces, unreadable } = imageCounts;
  const others = [
    ...(notChosen > 0 ? [`${notChosen} not chosen`] : []),
    ...(noFaces > 0 ? [`${noFaces} without a face`] : []),
    ...(unreadable > 0 ? [`${unreadable} unreadable`] : []),
  ];
  const examples =
    leftOut.length > 0 ? ` (${leftOut.slice(0, 3).join(', ')}${leftOut.length > 3 ? ', …' : ''})` : '';
  const tail = others.length > 0 ? `; ${others.join(', ')}${examples}` : '';
  return [
    `${counted(written, 'image')} of ${counted(identityCount, 'identity', 'identities')}: ${output}${tail}`,
  ];
}
