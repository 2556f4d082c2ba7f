import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sampleTag } from '../../../test/support/sample-tag.js';
import { TagFile } from './tag-file.js';
import { TagFileError } from './tag-file-error.js';

const subject = {
  format: 'identity-folder',
  imageKind: 'photograph',
  detectorVersion: 'detector-0123456789ab',
} as const;
const faceless = {
  image: 'a/nobody.jpg',
  sha256: 'b'.repeat(64),
  face: null,
  reason: 'FACE_NOT_FOUND',
} as const;

let folder: string;
let path: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-tags-'));
  path = join(folder, 'tags.jsonl');
});

afterEach(() => rm(folder, { recursive: true }));

async function written(...images: readonly string[]): Promise<string> {
  const file = await TagFile.resume(path, subject);
  for (const image of images) await file.append(sampleTag(image));
  await file.close();
  return readFile(path, 'utf8');
}

async function refusalOf(opening: Promise<TagFile>): Promise<TagFileError> {
  const outcome: unknown = await opening.catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(TagFileError);
  return outcome as TagFileError;
}

describe('TagFile', () => {
  it('writes a header and one line an image', async () => {
    const file = await TagFile.resume(path, subject);
    await Promise.all([file.append(sampleTag('a/1.jpg')), file.append(faceless)]);
    await file.close();
    const lines = (await readFile(path, 'utf8')).split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line): unknown => JSON.parse(line))).toEqual([
      { schema: 'symface-image-tags', schemaVersion: 1, ...subject },
      sampleTag('a/1.jpg'),
      faceless,
    ]);
  });

  it('knows on resuming what is there, and goes on behind it', async () => {
    const before = await written('a/1.jpg');
    const file = await TagFile.resume(path, subject);
    expect(file.summary('a/1.jpg')).toEqual({ sha256: 'a'.repeat(64), rho: 0.8, reason: undefined });
    expect(file.summary('a/2.jpg')).toBeUndefined();
    await file.append(faceless);
    expect(file.summary(faceless.image)).toMatchObject({ rho: undefined, reason: 'FACE_NOT_FOUND' });
    await file.close();
    expect(await readFile(path, 'utf8')).toBe(`${before}${JSON.stringify(faceless)}\n`);
  });

  it('takes the later of two tags of one image', async () => {
    await written('a/1.jpg');
    const file = await TagFile.resume(path, subject);
    await file.append({ ...faceless, image: 'a/1.jpg' });
    await file.close();
    const resumed = await TagFile.resume(path, subject);
    expect(resumed.summary('a/1.jpg')?.reason).toBe('FACE_NOT_FOUND');
    await resumed.close();
  });

  it('drops the last line wherever a kill cut it', async () => {
    const whole = await written('a/1.jpg', 'a/2.jpg');
    const keptBytes = whole.lastIndexOf('\n', whole.length - 2) + 1;
    for (let length = keptBytes; length < whole.length; length += 7) {
      await writeFile(path, whole.slice(0, length));
      const file = await TagFile.resume(path, subject);
      expect(file.summary('a/1.jpg')).toBeDefined();
      expect(file.summary('a/2.jpg')).toBeUndefined();
      await file.append(sampleTag('a/2.jpg'));
      await file.close();
      expect(await readFile(path, 'utf8')).toBe(whole);
    }
  });

  it('drops a last line that a power cut left without sense', async () => {
    const good = await written('a/1.jpg');
    await appendFile(path, '\0'.repeat(100) + '\n');
    await (await TagFile.resume(path, subject)).close();
    expect(await readFile(path, 'utf8')).toBe(good);
  });

  it('refuses a file that is damaged further up, and leaves it as it is', async () => {
    const [head, ...tags] = (await written('a/1.jpg', 'a/2.jpg')).split('\n');
    const damaged = [head, 'nonsense', ...tags].join('\n');
    await writeFile(path, damaged);
    expect(await refusalOf(TagFile.resume(path, subject))).toMatchObject({
      message: 'is damaged in line 2',
      state: 'outdated',
    });
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });

  it.each([
    { change: { detectorVersion: 'other-0123456789ab' }, says: /made by the detector detector-.*other-/u },
    { change: { format: 'lfw-pairs' }, says: /identity-folder \(photographs\), not lfw-pairs/u },
    { change: { imageKind: 'aligned-crop' as const }, says: /not identity-folder \(aligned-crops\)/u },
  ])('refuses tags of another subject until it is told to restart: $change', async ({ change, says }) => {
    await written('a/1.jpg');
    const other = { ...subject, ...change };
    const refusal = await refusalOf(TagFile.resume(path, other));
    expect(refusal.message).toMatch(says);
    expect(refusal.state).toBe('outdated');
    const file = await TagFile.restart(path, other);
    expect(file.summary('a/1.jpg')).toBeUndefined();
    await file.close();
    await (await TagFile.resume(path, other)).close();
  });

  it('refuses another schema version, and replaces it when told to', async () => {
    await writeFile(path, '{"schema":"symface-image-tags","schemaVersion":2}\n{}\n');
    expect((await refusalOf(TagFile.resume(path, subject))).message).toBe('has the schema version 2, not 1');
    await (await TagFile.restart(path, subject)).close();
    expect(await written()).toContain('"schemaVersion":1');
  });

  it.each(['one line\n', '{"image":"x"}\n', 'no newline', '\0'.repeat(3 * 1024 * 1024)])(
    'never overwrites a file that is something else',
    async (content) => {
      await writeFile(path, content);
      expect((await refusalOf(TagFile.resume(path, subject))).state).toBe('foreign');
      expect((await refusalOf(TagFile.restart(path, subject))).state).toBe('foreign');
      expect(await readFile(path, 'utf8')).toBe(content);
    },
  );

  it('begins an empty file, and refuses a folder', async () => {
    await writeFile(path, '');
    expect(await written('a/1.jpg')).toContain('a/1.jpg');
    await mkdir(join(folder, 'sub'));
    expect((await refusalOf(TagFile.resume(join(folder, 'sub'), subject))).message).toBe('is no file');
  });

  it("passes on the system's error where it cannot write", async () => {
    await expect(TagFile.resume(join(folder, 'none', 'tags.jsonl'), subject)).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });

  it('writes nothing behind a line that could not be written', async () => {
    const file = await TagFile.resume(path, subject);
    await file.append(sampleTag('a/1.jpg'));
    const { size } = await stat(path);
    const unwritable = { ...sampleTag('a/2.jpg'), sha256: 1n as unknown as string };
    await expect(file.append(unwritable)).rejects.toThrow();
    await expect(file.append(sampleTag('a/3.jpg'))).rejects.toThrow();
    await file.close();
    expect((await stat(path)).size).toBe(size);
  });
});
