import { createHash } from 'node:crypto';
import type { Artifact } from './artifact.js';
import { Failure } from '../../core/failure.js';

/** Passes content on and learns its size and digest, which are known once the content has ended. */
export class DigestedContent implements AsyncIterable<Uint8Array> {
  private readonly hash = createHash('sha256');
  sizeBytes = 0;

  constructor(private readonly content: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    for await (const piece of this.content) {
      this.hash.update(piece);
      this.sizeBytes += piece.length;
      yield piece;
    }
  }

  /** The SHA-256 of the content as hex, to be asked for once, after the end. */
  sha256(): string {
    return this.hash.digest('hex');
  }
}

/**
 * The pieces of an artifact, the last one held back until the whole was found right.
 * @throws Failure ARTIFACT_DAMAGED
 */
export async function* verified(
  { name, sizeBytes, sha256 }: Artifact,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const digested = new DigestedContent(content);
  let held: Uint8Array | undefined;
  for await (const piece of digested) {
    if (held !== undefined) yield held;
    held = piece;
  }
  if (digested.sizeBytes !== sizeBytes || digested.sha256() !== sha256) {
    const message = `Artifact ${name} was damaged where it is stored. Remove it, and use an older one or make it again.`;
    throw new Failure('ARTIFACT_DAMAGED', message, { name });
  }
  if (held !== undefined) yield held;
}
