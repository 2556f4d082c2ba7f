import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { planFolders, planSubject, renamedSubjects } from './enrolment-plan.js';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-plan-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function write(...paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), 'any');
  }
}

describe('an enrolment by folder', () => {
  it('has an image or a reason for every file, and a subject for every folder', async () => {
    await write('plain/1.jpg', 'José/1.jpg', 'José/notes.txt', 'José/@eaDir/1.jpg', 'beside.jpg', 'read.me');
    const { images, passedOver } = await planFolders([folder]);
    expect(images.map(({ path, displayName }) => [relative(folder, path), displayName])).toEqual([
      ['José/1.jpg', 'José'],
      ['plain/1.jpg', ''],
    ]);
    expect(passedOver.map(({ path, reason }) => [relative(folder, path), reason])).toEqual([
      ['José/@eaDir/1.jpg', 'system-file'],
      ['José/notes.txt', 'not-an-image'],
      ['read.me', 'not-an-image'],
      ['beside.jpg', 'no-identity'],
    ]);
    expect(renamedSubjects(images).map(({ displayName }) => displayName)).toEqual(['José']);
  });

  it('lists all names that no subject can have', async () => {
    await write('a\nb/1.jpg', 'c\td/1.jpg', 'fine/1.jpg');
    await expect(planFolders([folder])).rejects.toThrow(
      /^2 folders .* nothing is enrolled\. Rename them: "a\\nb" has control characters, .*; "c\\td" has/u,
    );
  });

  it('has a file once that is named twice, or in a folder that is', async () => {
    await write('ada/1.jpg', 'ada/2.jpg', 'ada/notes.txt');
    const twice = await planFolders([folder, folder]);
    expect(twice.images.map(({ path }) => relative(folder, path))).toEqual(['ada/1.jpg', 'ada/2.jpg']);
    expect(twice.passedOver).toHaveLength(1);
    const ada = join(folder, 'ada');
    const named = await planSubject({ subjectId: 'ada', displayName: '' }, [
      join(ada, '1.jpg'),
      `${folder}/./ada/1.jpg`,
      ada,
    ]);
    expect(named.images.map(({ path }) => relative(folder, path))).toEqual(['ada/1.jpg', 'ada/2.jpg']);
  });

  it('refuses a folder without images, and says what was seen', async () => {
    await write('ada/.hidden.jpg');
    await expect(planFolders([folder])).rejects.toThrow(
      /no image in a folder.* 1 file passed over: 1 hidden/u,
    );
    await expect(planSubject({ subjectId: 'ada', displayName: '' }, [join(folder, 'ada')])).rejects.toThrow(
      /no image in the folder .* 1 file passed over/u,
    );
  });
});
