import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Command } from 'commander';
import { RemoteFailure } from '../client/remote-failure.js';
import type { SymFaceClient } from '../client/symface-client.js';
import type { VerifyManyResponse__Output } from '../generated/symface/v1/VerifyManyResponse.js';
import type { VerifyResult__Output } from '../generated/symface/v1/VerifyResult.js';
import { CommandFailure } from './command-failure.js';
import { failedAnswer, type ImagesOptions, type PrintedAnswer, printedInOrder } from './each-image.js';
import { EXIT_NO_MATCH, EXIT_OK } from './exit-code.js';
import { type ImageFile, readImageFile } from './image-file.js';
import { findingLines } from './quality-requirement.js';
import { faceLine } from './report/face-report.js';
import { verdictLine, verificationJson } from './report/verification-report.js';
import { isPassing, withRetries } from './retries.js';
import type { Session } from './session.js';

interface SentImage {
  readonly content: Buffer;
}

/** One call that compares a probe with some images. */
type VerifyCall = (
  client: SymFaceClient,
  probe: SentImage,
  images: readonly SentImage[],
) => Promise<VerifyManyResponse__Output>;

/** Images of one call: few enough that its answer does not keep anybody waiting. */
const imagesPerCall = 8;
/** And small enough, unless one alone is larger, that the message is not too large. */
const bytesPerCall = 16 * 1024 * 1024;

/**
 * Compares one image with many, several calls at a time, and prints a comparison after the other in the order of the images. A
 * bad image fails its own comparison; a bad probe ends the run.
 */
export async function verifyMany(
  session: Session,
  command: Command,
  probePath: string,
  paths: readonly string[],
  call: VerifyCall,
): Promise<void> {
  await session.callServer(command, async (client) => {
    const probe = await readImageFile(probePath);
    const batches = await batchesOf(paths);
    return printedInOrder(session, command, batches, paths.length, async (batch) =>
      answersOf(command, probe, batch, async (images) =>
        withRetries(() => call(client, { content: probe.content }, images), isPassing),
      ),
    );
  });
}

async function batchesOf(paths: readonly string[]): Promise<readonly (readonly string[])[]> {
  const batches: string[][] = [];
  let bytes = 0;
  for (const path of paths) {
    const size = await sizeOf(path);
    const last = batches.at(-1);
    if (last === undefined || last.length === imagesPerCall || bytes + size > bytesPerCall) {
      batches.push([path]);
      bytes = size;
    } else {
      last.push(path);
      bytes += size;
    }
  }
  return batches;
}

/** Of a file that is not there 0: reading it says so. */
async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function answersOf(
  command: Command,
  probe: ImageFile,
  paths: readonly string[],
  call: (images: readonly SentImage[]) => Promise<VerifyManyResponse__Output>,
): Promise<readonly PrintedAnswer[]> {
  const files = await Promise.all(paths.map(readOrFailure));
  const readable = files.flatMap((file) => (file instanceof CommandFailure ? [] : [file]));
  const images = readable.map(({ content }) => ({ content }));
  const results = images.length === 0 ? [] : (await namingProbe(probe, () => call(images))).results;
  const answers = new Map(readable.map((file, index) => [file.path, results[index]]));
  return files.map((file, index) => {
    const path = paths[index] ?? '';
    if (file instanceof CommandFailure) return failedAnswer(command, path, file);
    return answerOf(command, probe, file, answers.get(file.path));
  });
}

async function readOrFailure(path: string): Promise<ImageFile | CommandFailure> {
  return readImageFile(path).catch((error: unknown) => {
    if (error instanceof CommandFailure) return error;
    throw error;
  });
}

/** The server speaks of the field `probe`, the user thinks in files. */
async function namingProbe<T>(probe: ImageFile, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    const isOfProbe = error instanceof RemoteFailure && error.metadata['field'] === 'probe';
    throw isOfProbe ? error.about(probe.label) : error;
  }
}

function answerOf(
  command: Command,
  probe: ImageFile,
  file: ImageFile,
  result: VerifyResult__Output | undefined,
): PrintedAnswer {
  const { json } = command.optsWithGlobals<ImagesOptions>();
  if (result?.error) return failedAnswer(command, file.path, RemoteFailure.fromStatus(result.error));
  const response = result?.response;
  if (!response) throw new Error('The server answered without a result.');
  const lines = json
    ? [verificationJson(response, [probe, file])]
    : [
        `${basename(file.path)}: ${verdictLine(response)}`,
        `  ${faceLine(response.faceB)}`,
        ...findingLines(response.qualityFindings, (field) => (field === 'probe' ? probe : file).label),
      ];
  return { lines, exitCode: response.matched ? EXIT_OK : EXIT_NO_MATCH };
}
