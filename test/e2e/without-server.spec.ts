import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import {
  photographOfAnotherPerson,
  photographOfNobody,
  photographOfOnePerson,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { sharedService } from '../support/shared-servers.js';

let root: string;
let people: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'symface-serverless-'));
  people = join(root, 'people');
  const [one, second, other] = [
    await photographOfOnePerson(),
    await secondPhotographOfThatPerson(),
    await photographOfAnotherPerson(),
  ];
  const content: Readonly<Record<string, Uint8Array>> = {
    'ada/1.jpg': one,
    'ada/2.jpg': second,
    'bob/1.jpg': other,
    'bob/nobody.jpg': await photographOfNobody(),
    'bob/cut.jpg': one.subarray(0, one.length / 2),
  };
  for (const [name, bytes] of Object.entries(content)) {
    await mkdir(join(people, name, '..'), { recursive: true });
    await writeFile(join(people, name), bytes);
  }
});

afterAll(async () => {
  await rm(root, { recursive: true });
});

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Runs the built program, whose workers are files; nothing listens at port 1. */
async function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args, '--server', '127.0.0.1:1'], {
    env: { ...process.env, SYMFACE_WORKERS: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err] = [textOf(child.stdout), textOf(child.stderr)];
  const [exitCode] = (await once(child, 'close')) as [number];
  return { exitCode, out: (await out).trimEnd(), err: await err };
}

const jsonOf = (text: string): unknown => JSON.parse(text);

async function tagsIn(file: string): Promise<readonly string[]> {
  return (await readFile(file, 'utf8')).trim().split('\n').sort();
}

it('tags a data set as the server does', async () => {
  const [local, served] = [join(root, 'local.jsonl'), join(root, 'served.jsonl')];
  const common = ['dataset', 'tag', people, '--format', 'identities', '--json'];
  const { exitCode, out, err } = await run(...common, '--local', '--output', local);
  expect(err).toBe('');
  expect(exitCode).toBe(0);
  expect(jsonOf(out)).toMatchObject({ imageCount: 5, faceCount: 3 });
  const { address } = await sharedService();
  await runCommandLine([...common, '--output', served, '--server', address], new RecordingTerminal());
  const [mine, theirs] = [await tagsIn(local), await tagsIn(served)];
  expect(mine.map((line) => JSON.parse(line) as object)).toHaveLength(6);
  // Numbers of the contract are rounded to 32 bits; names, reasons and the detector are the same.
  const named = (lines: readonly string[]) =>
    lines.map((line) => {
      const { image, sha256, reason, detectorVersion, face } = JSON.parse(line) as Record<string, unknown>;
      const { box } = (face ?? {}) as { readonly box?: { readonly x: number } };
      return { image, sha256, reason, detectorVersion, x: box && Math.round(box.x) };
    });
  expect(named(mine)).toEqual(named(theirs));
});

it('measures a model on a folder', async () => {
  const output = join(root, 'report.json');
  const args = [
    'benchmark',
    'local',
    people,
    '--format',
    'identities',
    '--faceless',
    'excluded',
    '--output',
    output,
  ];
  const { exitCode, out } = await run(...args);
  expect(exitCode).toBe(0);
  expect(out).toMatch(/people: model mobilefacenet-symface-[0-9a-f]{12}, detector retinaface-symface-/u);
  expect(out).toMatch(/EER +0\.00 %/u);
  const { report } = JSON.parse(await readFile(output, 'utf8')) as { readonly report: object };
  expect(report).toMatchObject({ facelessImageCount: 2, equalErrorRate: 0 });
});

it('says what a retraining on a folder would have, and why it would be refused', async () => {
  const refused = await run('retrain', '--dry-run', '--folder', people, '--json');
  expect(refused.exitCode).toBe(2);
  expect(refused.err).toContain(
    '1 identities have at least 2 faces that may be trained on, and 20 are needed',
  );
  expect(jsonOf(refused.out)).toMatchObject({
    imageCount: 5,
    refusals: { FACE_NOT_FOUND: 1, IMAGE_UNREADABLE: 1 },
    counts: { enrolledFaces: 3, enrolledIdentities: 2, faces: 2, identities: 1 },
  });
  for (const identity of ['c', 'd', 'e', 'f'])
    for (const name of await readdir(join(people, 'ada'))) {
      await mkdir(join(root, 'more', identity), { recursive: true });
      await writeFile(join(root, 'more', identity, name), await readFile(join(people, 'ada', name)));
    }
  const enough = await run(
    ...[
      'retrain',
      '--dry-run',
      '--folder',
      join(root, 'more'),
      '--min-identities',
      '4',
      '--min-frontal',
      '0',
    ],
  );
  expect(enough.err).toBe('');
  expect(enough.exitCode).toBe(0);
  expect(enough.out).toContain('would begin');
});

it('trains on what is enrolled alone', async () => {
  const { exitCode, err } = await run('retrain', '--folder', people);
  expect(exitCode).toBe(2);
  expect(err).toContain('--folder goes with --dry-run');
});

it('degrades photographs in which it finds the faces itself', async () => {
  const output = join(root, 'masks');
  const { exitCode, out } = await run(
    ...['dataset', 'degrade', people, '--shift', 'masks', '--output', output],
  );
  expect(exitCode).toBe(0);
  expect(out).toBe(
    `3 images of 2 identities: ${output}; 1 without a face, 1 unreadable (bob/cut.jpg, bob/nobody.jpg)`,
  );
});
