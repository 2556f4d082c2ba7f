import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.js';
import {
  degradeImage,
  type FindFace,
  type ImageOutcome,
  pngNames,
} from '../../datasets/degradation/degraded-set.js';
import { pixelShift } from '../../datasets/degradation/domain-shifts.js';
import {
  chooseProfiles,
  profileYawDegrees,
  type View,
  viewsByFolder,
} from '../../datasets/degradation/profile-choice.js';
import type { PixelShiftName, ShiftName } from '../../datasets/degradation/shift-names.js';
import { identityFolder } from '../../datasets/identities/formats/identity-folder.js';
import type { FoundImage } from '../../datasets/identities/identity-images.js';
import { passedOverText } from '../../datasets/identities/passed-over.js';
import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { severalAtATime } from '../in-order.js';
import type { Terminal } from '../terminal.js';
import type { DegradationRecord } from './degraded-folder.js';

/** What a set is made of. */
export interface DegradationOrder {
  readonly shift: ShiftName;
  readonly seed: number;
  readonly output: string;
  /** Photographs from the front that each identity of `profiles` keeps. */
  readonly frontalCount: number;
  /** Images at a time. */
  readonly parallel: number;
  readonly signal: AbortSignal;
  /** Told of each image that is done. */
  readonly onImage: () => void;
}

/** The images of a folder of identities. @throws Failure DATASET_INVALID naming what is wrong */
export async function imagesToDegrade(folder: string, terminal: Terminal): Promise<readonly FoundImage[]> {
  const faces = await identityFolder.open({ path: folder });
  const others = passedOverText(faces.passedOver);
  if (others !== undefined) terminal.err(`${others}.`);
  return Array.from({ length: faces.faceCount }, (_, face) => {
    const name = faces.nameOf(face);
    return { name, identity: faces.identities[faces.identityOf(face)] ?? '', path: join(folder, name) };
  });
}

/** Whether somebody has to say where the faces are. */
export function needsFaces(shift: ShiftName, images: readonly FoundImage[]): boolean {
  return shift === 'profiles' ? viewsByFolder(images) === undefined : pixelShift(shift).needsFace;
}

/** What became of the images; undefined where it was interrupted. */
export type DegradationResult = Omit<DegradationRecord, 'detectorVersion' | 'seed' | 'shift'> | undefined;

/**
 * Writes a degraded set into a folder that is there and empty.
 * @throws Failure of `findFace`; the system's error where a file cannot be read or written
 */
export async function degradeImages(
  images: readonly FoundImage[],
  order: DegradationOrder,
  findFace: FindFace,
): Promise<DegradationResult> {
  const { shift } = order;
  return shift === 'profiles'
    ? copyProfiles(images, order, findFace)
    : changePixels(images, { ...order, shift }, findFace);
}

async function changePixels(
  images: readonly FoundImage[],
  order: DegradationOrder & { readonly shift: PixelShiftName },
  findFace: FindFace,
): Promise<DegradationResult> {
  const { shift, seed, output } = order;
  const names = pngNames(images);
  const parts = { decoder: new SharpImageDecoder(), findFace };
  const outcomes = await forEach(images, order, async (image, index) =>
    degradeImage(image, join(output, names[index] ?? image.name), { shift, seed }, parts),
  );
  return outcomes && { parameters: pixelShift(shift).parameters, ...summary(images, outcomes) };
}

async function copyProfiles(
  images: readonly FoundImage[],
  order: DegradationOrder,
  findFace: FindFace,
): Promise<DegradationResult> {
  const { seed, frontalCount, output } = order;
  const views = viewsByFolder(images) ?? (await forEach(images, order, (image) => viewOf(image, findFace)));
  if (views === undefined) return undefined;
  const viewed = images.flatMap((image, index) => {
    const view = views[index];
    return isView(view) ? [{ ...image, view }] : [];
  });
  const chosen = new Set(chooseProfiles(viewed, { seed, frontalCount }).map(({ name }) => name));
  if (chosen.size === 0) throw noProfiles();
  for (const { name, path } of images) {
    if (!chosen.has(name)) continue;
    await mkdir(dirname(join(output, name)), { recursive: true });
    await copyFile(path, join(output, name));
  }
  const outcomes = images.map(({ name }, index): Outcome => {
    const view = views[index];
    if (view === 'no-face' || view === 'unreadable') return view;
    return chosen.has(name) ? 'written' : 'not-chosen';
  });
  return { parameters: { frontalCount, profileYawDegrees }, ...summary(images, outcomes) };
}

type Outcome = ImageOutcome | 'not-chosen';

function isView(view: View | ImageOutcome | undefined): view is View {
  return view === 'frontal' || view === 'profile';
}

async function viewOf(
  image: FoundImage,
  findFace: FindFace,
): Promise<View | Exclude<ImageOutcome, 'written'>> {
  try {
    const face = await findFace(image, await readFile(image.path));
    if (face === undefined) return 'no-face';
    return Math.abs(face.yawDegrees) >= profileYawDegrees ? 'profile' : 'frontal';
  } catch (error) {
    if (error instanceof Failure && error.reason.startsWith('IMAGE_')) return 'unreadable';
    throw error;
  }
}

function noProfiles(): Failure {
  const message =
    `No identity has a photograph from the side: neither in a folder "profile", nor turned by ${profileYawDegrees} degrees ` +
    'or more. Name a folder of identities that has some.';
  return new Failure('DATASET_INVALID', message);
}

/** One result an image, in their order; undefined where the signal has fired. */
async function forEach<Result>(
  images: readonly FoundImage[],
  { parallel, signal, onImage }: DegradationOrder,
  work: (image: FoundImage, index: number) => Promise<Result>,
): Promise<readonly Result[] | undefined> {
  const results = new Array<Result>(images.length);
  await severalAtATime(images.entries(), parallel, async ([index, image]) => {
    if (signal.aborted) return;
    results[index] = await work(image, index);
    onImage();
  });
  return signal.aborted ? undefined : results;
}

function summary(
  images: readonly FoundImage[],
  outcomes: readonly Outcome[],
): Pick<DegradationRecord, 'identityCount' | 'imageCounts' | 'leftOut'> {
  const count = (wanted: Outcome): number => outcomes.filter((outcome) => outcome === wanted).length;
  const written = images.filter((_, index) => outcomes[index] === 'written');
  const imageCounts = {
    written: count('written'),
    'no-face': count('no-face'),
    unreadable: count('unreadable'),
    'not-chosen': count('not-chosen'),
  };
  const isLeftOut = (outcome: Outcome | undefined): boolean =>
    outcome === 'no-face' || outcome === 'unreadable';
  return {
    identityCount: new Set(written.map(({ identity }) => identity)).size,
    imageCounts,
    leftOut: images.filter((_, index) => isLeftOut(outcomes[index])).map(({ name }) => name),
  };
}
