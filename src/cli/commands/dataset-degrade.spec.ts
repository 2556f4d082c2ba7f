import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { sampleTag } from '../../../test/support/sample-tag.js';
import { TagFile } from '../../datasets/tags/tag-file.js';
import { encodePng } from '../../inference/decode/sharp-image-encoder.js';
import { runCommandLine } from '../program.js';

let root: string;
let faces: string;
let output: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'symface-degrade-'));
  faces = join(root, 'faces');
  output = join(root, 'out');
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

async function write(name: string, level = 120): Promise<Buffer> {
  const side = 100;
  const pixels = new Uint8Array(side * side * 3).fill(level);
  const png = Buffer.from(await encodePng({ width: side, height: side, pixels }));
  await mkdir(join(faces, name, '..'), { recursive: true });
  await writeFile(join(faces, name), png);
  return png;
}

async function degrade(shift: string, ...args: string[]) {
  const terminal = new RecordingTerminal();
  const command = ['dataset', 'degrade', faces, '--shift', shift, '--output', output, ...args];
  const exitCode = await runCommandLine(command, terminal);
  return { exitCode, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
}

/** Tags of these images, all of one face but those named in `faceless`. */
async function tags(contents: Readonly<Record<string, Buffer>>, faceless: readonly string[] = []) {
  const path = join(root, 'tags.jsonl');
  const subject = { format: 'identity-folder', imageKind: 'photograph', detectorVersion: 'd-1' } as const;
  const file = await TagFile.restart(path, subject);
  for (const [image, content] of Object.entries(contents)) {
    const sha256 = createHash('sha256').update(content).digest('hex');
    const tag = { ...sampleTag(image), sha256 };
    await file.append(
      faceless.includes(image) ? { image, sha256, face: null, reason: 'FACE_NOT_FOUND' } : tag,
    );
  }
  await file.close();
  return path;
}

const record = async () =>
  JSON.parse(await readFile(join(output, 'degradation.json'), 'utf8')) as Record<string, unknown>;

it('writes a set of the same layout, and how it was made', async () => {
  await write('a/1.png');
  await write('b/2021/2.png', 200);
  await writeFile(join(faces, 'b/broken.jpg'), 'broken');
  const { exitCode, out, err } = await degrade('low-light', '--seed', '7');
  expect(err).toBe('');
  expect(exitCode).toBe(0);
  expect(out).toBe(`2 images of 2 identities: ${output}; 1 unreadable (b/broken.jpg)`);
  expect((await readdir(output, { recursive: true })).filter((name) => name.endsWith('.png')).sort()).toEqual(
    ['a/1.png', 'b/2021/2.png'],
  );
  expect(await record()).toMatchObject({
    schema: 'symface-degraded-set',
    shift: 'low-light',
    seed: 7,
    detectorVersion: null,
    identityCount: 2,
    imageCounts: { written: 2, 'no-face': 0, unreadable: 1, 'not-chosen': 0 },
    leftOut: ['b/broken.jpg'],
  });
  const first = await readFile(join(output, 'a/1.png'));
  await rm(output, { recursive: true });
  await degrade('low-light', '--seed', '7', '--parallel', '1');
  expect(await readFile(join(output, 'a/1.png'))).toEqual(first);
});

it('takes faces from tags', async () => {
  const contents = { 'a/1.png': await write('a/1.png'), 'a/2.png': await write('a/2.png', 60) };
  const { out, exitCode } = await degrade('masks', '--tags', await tags(contents, ['a/2.png']));
  expect(exitCode).toBe(0);
  expect(out).toContain('1 image of 1 identity');
  expect(out).toContain('1 without a face (a/2.png)');
  expect(await record()).toMatchObject({ detectorVersion: 'd-1', leftOut: ['a/2.png'] });
  expect(await readFile(join(output, 'a/1.png'))).not.toEqual(contents['a/1.png']);
});

it('refuses tags of other bytes', async () => {
  const file = await tags({ 'a/1.png': await write('a/1.png') });
  await write('a/1.png', 10);
  const { exitCode, err } = await degrade('camera', '--tags', file);
  expect(exitCode).toBe(2);
  expect(err).toMatch(/a\/1\.png: has no tag of its content in .*symface dataset tag/u);
});

it('chooses photographs by their folders, and copies them as they are', async () => {
  const profile = await write('a/profile/1.png', 10);
  for (const name of ['1', '2', '3']) await write(`a/frontal/${name}.png`, 20);
  await write('b/frontal/1.png', 30);
  const { out, exitCode } = await degrade('profiles', '--frontal', '1');
  expect(exitCode).toBe(0);
  expect(out).toBe(`2 images of 1 identity: ${output}; 3 not chosen`);
  expect(await readFile(join(output, 'a/profile/1.png'))).toEqual(profile);
  expect(await readdir(join(output, 'a/frontal'))).toHaveLength(1);
});

it('says where nobody is shown from the side', async () => {
  const contents = { 'a/1.png': await write('a/1.png') };
  const { exitCode, err } = await degrade('profiles', '--tags', await tags(contents));
  expect(exitCode).toBe(2);
  expect(err).toContain('No identity has a photograph from the side');
});

it('overwrites nothing', async () => {
  await write('a/1.png');
  await mkdir(output);
  await writeFile(join(output, 'mine.txt'), '');
  expect((await degrade('low-light')).err).toContain(`${output} is not empty.`);
  output = join(faces, 'out');
  expect((await degrade('low-light')).err).toContain(`${output} lies in ${faces}.`);
});

it('names what it cannot use', async () => {
  expect((await degrade('low-light')).err).toMatch(/faces: cannot be read/u);
  expect((await degrade('fog')).err).toMatch(/Allowed choices are camera, near-infrared, masks/u);
});
