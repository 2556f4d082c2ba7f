import { createHash } from 'node:crypto';
import { type Header, type Pack, pack } from 'tar-stream';
import type { BackupManifest } from './backup-format.js';

/** Writes entries one after another into a tar, as fast as it is read, and remembers their digests. */
export class TarWriter {
  readonly entries: BackupManifest['entries'] = [];

  constructor(
    private readonly tar: Pack,
    private readonly mtime: Date,
  ) {}

  /** @param sizeBytes of all content: a tar says it before */
  async add(
    name: string,
    sizeBytes: number,
    content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  ): Promise<void> {
    const hash = createHash('sha256');
    const header = { name, size: sizeBytes, mode: 0o600, mtime: this.mtime };
    const { entry, ended } = this.begin(header);
    try {
      for await (const piece of content) {
        hash.update(piece);
        if (!entry.write(piece)) await Promise.race([drained(entry), ended]);
      }
      entry.end(null);
    } catch (error) {
      entry.destroy(error instanceof Error ? error : null);
      throw error;
    }
    await ended;
    this.entries.push({ name, sizeBytes, sha256: hash.digest('hex') });
  }

  private begin(header: Partial<Header> & Pick<Header, 'name'>) {
    const { promise: ended, resolve, reject } = withResolvers();
    // It is awaited where all is written; what has failed before is thrown there.
    ended.catch(() => undefined);
    const entry = this.tar.entry(header, (error) => {
      if (error) reject(error);
      else resolve();
    });
    entry.once('error', reject);
    return { entry, ended };
  }

  async addText(name: string, text: string): Promise<void> {
    const bytes = Buffer.from(text);
    await this.add(name, bytes.length, [bytes]);
  }
}

/**
 * The tar as it is written. Whoever stops reading ends the writing, too.
 * @param write adds all entries
 * @throws what `write` throws
 */
export async function* tarOf(
  write: (tar: TarWriter) => Promise<void>,
  mtime: Date,
): AsyncGenerator<Uint8Array> {
  const tar = pack();
  // What destroys the stream is thrown below: nobody else listens.
  tar.on('error', () => undefined);
  let failure: unknown;
  const written = write(new TarWriter(tar, mtime)).then(
    () => {
      tar.finalize();
    },
    (error: unknown) => {
      failure = error;
      tar.destroy(error instanceof Error ? error : null);
    },
  );
  try {
    for await (const chunk of tar as AsyncIterable<Uint8Array>) yield chunk;
    await written;
    if (failure !== undefined) throw failure as Error;
  } catch (error) {
    await written;
    throw (failure ?? error) as Error;
  } finally {
    tar.destroy();
    await written;
  }
}

async function drained(entry: ReturnType<Pack['entry']>): Promise<void> {
  await new Promise<void>((resolve) => {
    entry.once('drain', resolve);
  });
}

function withResolvers(): {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
} {
  let [resolve, reject]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((settle, fail) => {
    [resolve, reject] = [settle, fail];
  });
  return { promise, resolve, reject };
}
