import { relative, sep } from 'node:path';
import { walkFolder } from '../../../datasets/identities/folder-walk.js';
import type { PassedOver } from '../../../datasets/identities/passed-over.js';
import type { LabelFile } from '../../../datasets/face-labels/label-file.js';
import { nameShare } from '../name-share.js';
import type { LabellingDetectors, PhotographToLabel, UnreadablePhotograph } from './labelling-protocol.js';
import { LabellingProcess } from './labelling-processes.js';

/** Photographs that a process is given at a time; an even number fills the detectors' sheets. */
const BATCH_PHOTOGRAPHS = 8;

/** A folder of photographs, laid out in any way. */
export interface PhotographFolder {
  readonly set: string;
  readonly path: string;
  /** Only files whose path within the folder it matches. */
  readonly match?: RegExp;
  /** At most so many of those, always the same ones. */
  readonly limit?: number;
}

/** The photographs that are chosen of a folder, in the order of their paths, and what lies beside photographs there. */
export interface PhotographsInFolder {
  readonly photographs: readonly PhotographToLabel[];
  readonly passedOver: readonly PassedOver[];
}

/** @throws the system's error where the folder cannot be read */
export async function photographsIn({
  set,
  path: folder,
  match,
  limit,
}: PhotographFolder): Promise<PhotographsInFolder> {
  const { images, passedOver } = await walkFolder(folder);
  const all = images
    .map((path) => ({ set, file: relative(folder, path).split(sep).join('/'), path }))
    .filter(({ file }) => match?.test(file) ?? true);
  if (limit === undefined || all.length <= limit) return { photographs: all, passedOver };
  const chosen = all.toSorted((a, b) => nameShare(a.file) - nameShare(b.file)).slice(0, limit);
  return { photographs: chosen.sort((a, b) => (a.file < b.file ? -1 : 1)), passedOver };
}

export interface LabellingOptions {
  readonly detectors: LabellingDetectors;
  /** Processes that label, a core each. */
  readonly processes: number;
  readonly entryPoint?: string;
  /** Ends it after the photographs in hand. */
  readonly signal: AbortSignal;
  /** Told of photographs that are done. */
  readonly onLabelled: (count: number) => void;
}

/**
 * Labels the photographs that have no labels yet.
 * @returns those that cannot be decoded
 * @throws Failure as createFaceDetector, or WORKER_LOST; the system's error where the file cannot be written
 */
export async function labelPhotographs(
  photographs: readonly PhotographToLabel[],
  file: LabelFile,
  { detectors, processes: processCount, entryPoint, signal, onLabelled }: LabellingOptions,
): Promise<readonly UnreadablePhotograph[]> {
  const left = photographs.filter((photograph) => !file.has(photograph.set, photograph.file));
  const batches = Array.from({ length: Math.ceil(left.length / BATCH_PHOTOGRAPHS) }, (_, index) =>
    left.slice(index * BATCH_PHOTOGRAPHS, (index + 1) * BATCH_PHOTOGRAPHS),
  ).values();
  const unreadable: UnreadablePhotograph[] = [];
  const workers = Array.from({ length: processCount }, () => new LabellingProcess(detectors, entryPoint));
  const lane = async (worker: LabellingProcess): Promise<void> => {
    for (const batch of batches) {
      if (signal.aborted) return;
      const labelled = await worker.label(batch);
      await file.append(labelled.photographs);
      unreadable.push(...labelled.unreadable);
      onLabelled(batch.length);
    }
  };
  try {
    await Promise.all(workers.map(lane));
  } finally {
    for (const worker of workers) worker.close();
  }
  return unreadable;
}
