import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { walkFolder } from '../../datasets/identities/folder-walk.js';
import { findIdentityImages, type FoundImages } from '../../datasets/identities/identity-images.js';
import { type PassedOver, passedOverText } from '../../datasets/identities/passed-over.js';
import { requireSubjectId } from '../../service/platform/resource-names.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';
import { type SubjectIdentity, subjectOfName } from './subject-identity.js';

/** One image to enrol. */
export interface PlannedImage extends SubjectIdentity {
  readonly path: string;
}

/** What a run is to enrol; each file that was seen is in one of both. */
export interface EnrolmentPlan {
  readonly images: readonly PlannedImage[];
  readonly passedOver: readonly PassedOver[];
}

/**
 * Images of one subject: the files that are named, and those in the folders that are named.
 * @throws CommandFailure where a path is not there or holds no image
 */
export async function planSubject(
  subject: SubjectIdentity,
  paths: readonly string[],
): Promise<EnrolmentPlan> {
  requireSubject(subject.subjectId);
  const images: PlannedImage[] = [];
  const passedOver: PassedOver[] = [];
  for (const path of paths) {
    if (!(await isFolder(path))) {
      images.push({ ...subject, path });
      continue;
    }
    const found = await read(path, walkFolder(path));
    if (found.images.length === 0)
      throw new CommandFailure(withSeen(`There is no image in the folder ${path}.`, found.passedOver));
    // One at a time: more arguments than the stack holds end the command with a RangeError, from some 120,000 files on.
    for (const image of found.images) images.push({ ...subject, path: image });
    for (const other of found.passedOver) passedOver.push(other);
  }
  return eachFileOnce({ images, passedOver });
}

/**
 * Images of many subjects: each folder in the given ones is a subject, by its name or under an id that is made of it.
 * @throws CommandFailure where a path is no folder or holds no image, or names, all of which it lists, cannot be subjects'
 */
export async function planFolders(folders: readonly string[]): Promise<EnrolmentPlan> {
  const found: FoundImages[] = [];
  for (const folder of folders) {
    if (!(await isFolder(folder)))
      throw new CommandFailure(`${folder} is no folder; --by-folder takes folders.`);
    found.push(await read(folder, findIdentityImages(folder)));
  }
  const images = found.flatMap((one) => one.images);
  const passedOver = found.flatMap((one) => one.passedOver);
  if (images.length === 0) {
    const message = `There is no image in a folder below ${folders.join(', ')}. --by-folder expects subject/image.jpg in it.`;
    throw new CommandFailure(withSeen(message, passedOver));
  }
  const subjects = subjectsOf(images.map(({ identity }) => identity));
  const planned = images.flatMap(({ identity, path }) => {
    const subject = subjects.get(identity);
    return subject === undefined ? [] : [{ ...subject, path }];
  });
  return eachFileOnce({ images: planned, passedOver });
}

/** A file that is named twice is one: the service enrols it once, and it would be counted twice. */
function eachFileOnce({ images, passedOver }: EnrolmentPlan): EnrolmentPlan {
  const planned = new Map<string, PlannedImage>();
  for (const image of images) {
    const key = `${image.subjectId}\n${resolve(image.path)}`;
    if (!planned.has(key)) planned.set(key, image);
  }
  const others = new Map<string, PassedOver>();
  for (const other of passedOver) {
    const key = resolve(other.path);
    if (!others.has(key)) others.set(key, other);
  }
  return { images: [...planned.values()], passedOver: [...others.values()] };
}

/** The subjects that have another id than their folder's name, each once. */
export function renamedSubjects(images: readonly PlannedImage[]): readonly SubjectIdentity[] {
  const renamed = new Map(images.map((image) => [image.subjectId, image] as const));
  return [...renamed.values()].filter(({ displayName }) => displayName !== '');
}

/** @throws CommandFailure that lists every name that cannot be a subject's, and names that would be one subject's */
function subjectsOf(names: readonly string[]): ReadonlyMap<string, SubjectIdentity> {
  const subjects = new Map<string, SubjectIdentity>();
  const nameOf = new Map<string, string>();
  const unfit: string[] = [];
  for (const name of new Set(names)) {
    try {
      const subject = subjectOfName(name);
      const other = nameOf.get(subject.subjectId);
      // Two ways to write an accent are one name.
      if (other !== undefined && other.normalize() !== name.normalize())
        unfit.push(`${JSON.stringify(name)} has the id of ${JSON.stringify(other)}`);
      nameOf.set(subject.subjectId, name);
      subjects.set(name, subject);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      unfit.push(`${JSON.stringify(name)} ${error.message}`);
    }
  }
  if (unfit.length === 0) return subjects;
  throw new CommandFailure(
    `${unfit.length} folders have names that subjects cannot have; nothing is enrolled. Rename them: ${unfit.join('; ')}.`,
  );
}

function requireSubject(subjectId: string): void {
  try {
    requireSubjectId(subjectId, 'The subject');
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`${subjectId}: ${message} Any name can be given beside an id: --display-name.`, {
      cause,
    });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await read(path, stat(path))).isDirectory();
}

async function read<Value>(path: string, reading: Promise<Value>): Promise<Value> {
  return reading.catch((cause: unknown) => {
    throw new CommandFailure(`Cannot read ${path} (${errorCode(cause)}). Check the path.`, { cause });
  });
}

function withSeen(message: string, passedOver: readonly PassedOver[]): string {
  const seen = passedOverText(passedOver);
  return seen === undefined ? message : `${message} ${seen}.`;
}
