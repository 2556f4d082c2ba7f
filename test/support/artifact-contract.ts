import { randomBytes, randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ArtifactStore } from '../../src/storage/artifacts/artifact-store.js';

const mebibyte = 1 << 20;

/** What every artifact store must do. */
export function itStoresArtifacts(open: () => ArtifactStore): void {
  const newName = (): string => `training/${randomUUID()}`;

  it('keeps what was written, whatever its length, and says what it is', async () => {
    for (const length of [0, 1, mebibyte, mebibyte + 1, 3 * mebibyte]) {
      const name = newName();
      const content = randomBytes(length);
      const artifact = await open().write(name, pieces(content, 300_007));
      expect(artifact).toMatchObject({ name, sizeBytes: length });
      expect((await collected(open().read(name))).equals(content)).toBe(true);
      expect(await open().list(name)).toEqual([artifact]);
    }
  });

  it('replaces what had the name, and keeps its neighbours', async () => {
    const name = newName();
    await open().write(`${name}/b`, pieces(Buffer.from('neighbour')));
    await open().write(name, pieces(Buffer.from('old')));
    await open().write(name, pieces(Buffer.from('new')));
    expect(String(await collected(open().read(name)))).toBe('new');
    expect((await open().list(name)).map((artifact) => artifact.name)).toEqual([name, `${name}/b`]);
    await open().remove(name);
    await open().remove(name);
    await expect(collected(open().read(name))).rejects.toMatchObject({ reason: 'ARTIFACT_NOT_FOUND' });
    expect(String(await collected(open().read(`${name}/b`)))).toBe('neighbour');
  });

  it('has one of two that are written under a name at the same time, whole', async () => {
    const name = newName();
    const contents = [randomBytes(2 * mebibyte), randomBytes(2 * mebibyte)];
    await Promise.all(contents.map(async (content) => open().write(name, pieces(content))));
    const read = await collected(open().read(name));
    expect(contents.some((content) => content.equals(read))).toBe(true);
    expect(await open().list(name)).toHaveLength(1);
  });

  it('keeps the old one where the content of a new one fails', async () => {
    const name = newName();
    await open().write(name, pieces(Buffer.from('old')));
    await expect(open().write(name, failing())).rejects.toThrow('the engine died');
    expect(String(await collected(open().read(name)))).toBe('old');
    const other = newName();
    await expect(open().write(other, failing())).rejects.toThrow('the engine died');
    expect(await open().list(other)).toEqual([]);
  });

  it.each(['', '/etc/passwd', '../x', 'a//b', 'a/../b', 'A', 'a/', 'ä', 'a'.repeat(121)])(
    'refuses the name "%s"',
    async (name) => {
      const refusal = { reason: 'INVALID_ARGUMENT' };
      await expect(open().write(name, pieces(Buffer.of(1)))).rejects.toMatchObject(refusal);
      await expect(collected(open().read(name))).rejects.toMatchObject(refusal);
      await expect(open().remove(name)).rejects.toMatchObject(refusal);
    },
  );
}

/** The content, as a writer that has it in pieces gives it. */
export async function* pieces(content: Uint8Array, length = 100_000): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < content.length; offset += length) {
    yield Promise.resolve(content.subarray(offset, offset + length));
  }
}

/** @throws whatever the reading throws; nothing of a damaged artifact is then returned */
export async function collected(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of content) all.push(piece);
  return Buffer.concat(all);
}

async function* failing(): AsyncGenerator<Uint8Array> {
  yield* pieces(randomBytes(3 * mebibyte));
  throw new Error('the engine died');
}
