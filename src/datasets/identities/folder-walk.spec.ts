import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { walkFolder } from './folder-walk.js';
import { countPassedOver, passedOverText } from './passed-over.js';

const jpegStart = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0);

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-walk-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(path: string, content: string | Uint8Array = jpegStart): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** What is found below `within`, by paths below the folder. */
async function walked(within = '.') {
  const { images, passedOver } = await walkFolder(join(folder, within));
  return {
    images: images.map((path) => relative(folder, path)),
    passedOver: passedOver.map(({ path, reason }) => `${relative(folder, path)}: ${reason}`),
  };
}

describe('a walk through a folder', () => {
  it('finds images by the names that say so, and others by their bytes', async () => {
    for (const name of ['1.JPG', '2.jfif', '3.jpe', '4.bmp', 'a/5.heic', 'a/b/6.tiff'])
      await write(name, 'any');
    await write('7');
    await write('8.dat', 'BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0\0\0');
    await write('notes.txt', 'BMW is no image, though it begins as one');
    await write('empty', '');
    expect(await walked()).toEqual({
      images: ['1.JPG', '2.jfif', '3.jpe', '4.bmp', '7', '8.dat', 'a/5.heic', 'a/b/6.tiff'],
      passedOver: ['empty: not-an-image', 'notes.txt: not-an-image'],
    });
  });

  it.each([
    '@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg',
    'a/@eaDir/1.jpg',
    '._1.jpg',
    '.DS_Store',
    '.ipynb_checkpoints/1-checkpoint.jpg',
    'a/.hidden/deep/1.jpg',
    'Thumbs.db',
    'Desktop.ini',
    '__MACOSX/a/1.jpg',
    '#recycle/1.jpg',
    '$RECYCLE.BIN/1.jpg',
    'thumbnails/1.jpg',
    'SYNOFILE_THUMB_XL.png',
  ])('passes over and counts %s', async (path) => {
    await write('a/1.jpg');
    await write(path);
    expect(await walked()).toEqual({ images: ['a/1.jpg'], passedOver: [`${path}: system-file`] });
  });

  it('follows links, and finds what several lead to once, by its own path', async () => {
    await write('set/z/1.jpg');
    await write('set/z/2.jpg');
    await write('elsewhere/ada/3.jpg');
    await write('elsewhere/4.jpg');
    await symlink(join(folder, 'elsewhere/ada'), join(folder, 'set/ada'));
    await symlink(join(folder, 'elsewhere/ada'), join(folder, 'set/ada again'));
    await symlink(join(folder, 'set/z'), join(folder, 'set/a'));
    await symlink(join(folder, 'elsewhere/4.jpg'), join(folder, 'set/z/4.jpg'));
    await symlink(join(folder, 'elsewhere/ada/3.jpg'), join(folder, 'set/z/3.jpg'));
    await symlink('2.jpg', join(folder, 'set/z/also 2.jpg'));
    await symlink('gone.jpg', join(folder, 'set/z/5.jpg'));
    expect(await walked('set')).toEqual({
      images: ['set/ada/3.jpg', 'set/z/1.jpg', 'set/z/2.jpg', 'set/z/4.jpg'],
      passedOver: [
        'set/a: linked-again',
        'set/ada again: linked-again',
        'set/z/3.jpg: linked-again',
        'set/z/5.jpg: broken-link',
        'set/z/also 2.jpg: linked-again',
      ],
    });
  });

  it('ends where links go round', async () => {
    await write('set/a/1.jpg');
    await symlink(join(folder, 'set'), join(folder, 'set/a/round'));
    await symlink('..', join(folder, 'set/a/up'));
    await symlink('self', join(folder, 'set/a/self'));
    expect(await walked('set')).toEqual({
      images: ['set/a/1.jpg'],
      passedOver: ['set/a/round: linked-again', 'set/a/self: broken-link', 'set/a/up: linked-again'],
    });
  });

  it('says of each reason how many and which, and of many the first ones', async () => {
    for (const name of ['a.txt', 'b.txt', 'c.txt', 'd.txt', '.e']) await write(name, 'text');
    const { passedOver } = await walkFolder(folder);
    expect(countPassedOver(passedOver)).toEqual({ 'not-an-image': 4, 'system-file': 1 });
    expect(passedOverText(passedOver, (path) => relative(folder, path))).toBe(
      '5 files passed over: 1 hidden, or left by a system (thumbnails, resource forks, checkpoints) (.e); ' +
        '4 no image (a.txt, b.txt, c.txt, …)',
    );
    expect(passedOverText([])).toBeUndefined();
  });

  it("passes on the system's error where the folder itself cannot be read", async () => {
    await expect(walkFolder(join(folder, 'none'))).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
