import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Presets, SingleBar } from 'cli-progress';
import type { ImportModelVersionRequest } from '../generated/symface/v1/ImportModelVersionRequest.js';
import { CommandFailure } from './command-failure.js';
import { errorCode } from './image-file.js';

/** The contract's limit on one chunk. */
const CHUNK_BYTES = 1024 * 1024;

/** A file to be sent and its size, checked before the call starts. */
export interface Upload {
  readonly path: string;
  readonly sizeBytes: number;
}

/** @throws CommandFailure where there is no such file */
export async function openUpload(path: string): Promise<Upload> {
  try {
    const status = await stat(path);
    if (status.isFile()) return { path, sizeBytes: status.size };
  } catch (cause) {
    throw new CommandFailure(`Cannot read the model ${path} (${errorCode(cause)}). Check the path.`, {
      cause,
    });
  }
  throw new CommandFailure(`${path} is no file. Name an ONNX file.`);
}

/** The requests that import a model: the manifest, then the graph. */
export async function* importRequests(
  manifestJson: string,
  graphChunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<ImportModelVersionRequest> {
  yield { manifestJson };
  for await (const graphChunk of graphChunks) yield { graphChunk };
}

/** The file in chunks, drawing progress on standard error where someone watches. */
export async function* chunksOf(upload: Upload, isInteractive: boolean): AsyncGenerator<Uint8Array> {
  const bar = new SingleBar(
    { format: 'sending {bar} {percentage}% of {size}', hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  if (isInteractive)
    bar.start(upload.sizeBytes, 0, { size: `${(upload.sizeBytes / CHUNK_BYTES).toFixed(1)} MiB` });
  try {
    for await (const chunk of createReadStream(upload.path, { highWaterMark: CHUNK_BYTES })) {
      yield chunk as Buffer;
      if (isInteractive) bar.increment((chunk as Buffer).length);
    }
  } finally {
    bar.stop();
  }
}
