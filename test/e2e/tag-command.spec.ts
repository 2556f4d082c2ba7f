import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import {
  photographOfAnotherPerson,
  photographOfNobody,
  photographOfOnePerson,
  photographOfTwoPersons,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { isFullSuite } from '../support/full-suite.js';
import { imageRecord, writeRecords } from '../support/record-io-writer.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';
import { hasSharedData, sharedPath } from '../support/shared-data.js';

type Line = Readonly<Record<string, unknown>>;

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const manyImages = isFullSuite ? 60 : 40;

let server: SharedService;
let folder: string;
let people: string;
let many: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-tag-'));
  people = join(folder, 'people');
  many = join(folder, 'many');
  for (const identity of [join(people, 'ada'), join(people, 'bob'), join(many, 'ada')]) {
    await mkdir(identity, { recursive: true });
  }
  const one = await photographOfOnePerson();
  await Promise.all([
    writeFile(join(people, 'ada', '1.jpg'), one),
    writeFile(join(people, 'ada', '2.jpg'), await secondPhotographOfThatPerson()),
    writeFile(join(people, 'ada', 'cut.jpg'), one.subarray(0, one.length / 2)),
    writeFile(join(people, 'ada', 'text.jpg'), 'no image at all'),
    writeFile(join(people, 'bob', '1.jpg'), await photographOfAnotherPerson()),
    writeFile(join(people, 'bob', 'both.jpg'), await photographOfTwoPersons()),
    writeFile(join(people, 'bob', 'nobody.jpg'), await photographOfNobody()),
    ...Array.from({ length: manyImages }, (_, index) => writeFile(join(many, 'ada', `${index}.jpg`), one)),
  ]);
  server = await sharedService();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function run(...args: string[]) {
  const terminal = new RecordingTerminal();
  const exitCode = await runCommandLine([...args, '--server', server.address], terminal);
  return { exitCode, json: terminal.json as Line[], err: terminal.errLines.join('\n') };
}

async function linesOf(file: string): Promise<Line[]> {
  const text = await readFile(file, 'utf8');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
}

/** Starts tagging as a process of its own, ends it by the signal after some tags, and counts those that it left. */
async function interrupted(file: string, signal: NodeJS.Signals): Promise<number> {
  const args = [
    'dataset',
    'tag',
    many,
    '--format',
    'identities',
    '--output',
    file,
    '--server',
    server.address,
  ];
  const child = spawn(process.execPath, [program, ...args], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  const written = async (): Promise<number> =>
    (await readFile(file, 'utf8').catch(() => '')).split('\n').length - 1;
  while ((await written()) < 5) await sleep(5);
  child.kill(signal);
  await exited;
  return (await written()) - 1;
}

describe('symface dataset tag', () => {
  it('records what the detector finds, and why it finds nothing', async () => {
    const { exitCode, json, err } = await run('dataset', 'tag', people, '--format', 'identities', '--json');
    expect(err).toBe('');
    expect(exitCode).toBe(0);
    expect(json[0]).toMatchObject({
      imageCount: 7,
      faceCount: 4,
      faceless: [
        { reason: 'FACE_NOT_FOUND', count: 1 },
        { reason: 'IMAGE_FORMAT_UNSUPPORTED', count: 1 },
        { reason: 'IMAGE_UNREADABLE', count: 1 },
      ],
    });
    const [header, ...tags] = await linesOf(join(people, 'tags.jsonl'));
    expect(header).toMatchObject({ format: 'identity-folder', imageKind: 'photograph' });
    const tagOf = (image: string) => tags.find((tag) => tag['image'] === image);
    const photograph = join(people, 'ada', '1.jpg');
    const [detected] = (await run('detect', photograph, '--json')).json as [
      { faces: [{ frontness: object }]; detectorVersion: string },
    ];
    expect(header?.['detectorVersion']).toBe(detected.detectorVersion);
    const { frontness, ...face } = detected.faces[0];
    expect(tagOf('ada/1.jpg')).toMatchObject({ face: { ...face, ...frontness } });
    expect(tagOf('bob/nobody.jpg')).toMatchObject({ face: null, reason: 'FACE_NOT_FOUND' });
    expect(tagOf('ada/cut.jpg')).toMatchObject({ face: null, reason: 'IMAGE_UNREADABLE' });
    expect(tagOf('bob/both.jpg')).toMatchObject({ face: { rho: expect.any(Number) as number } });
  });

  it('counts what it passes over, and says how labels of records are mapped', async () => {
    const beside = join(folder, 'beside');
    await mkdir(join(beside, 'ada/@eaDir'), { recursive: true });
    const one = await photographOfOnePerson();
    for (const name of ['ada/1.jpg', 'ada/._1.jpg', 'ada/@eaDir/1.jpg', 'beside.jpg', 'ada/notes.txt'])
      await writeFile(join(beside, name), one);
    await writeFile(join(beside, 'ada/notes.txt'), 'no image');
    const { json } = await run('dataset', 'tag', beside, '--format', 'identities', '--json');
    expect(json[0]).toMatchObject({
      taggedCount: 1,
      passedOver: { 'system-file': 2, 'not-an-image': 1, 'no-identity': 1 },
    });
    const records = join(folder, 'train.rec');
    await writeRecords(
      records,
      [3, 5].map((label) => imageRecord(label, one)),
    );
    const mapped = await run('dataset', 'tag', records, '--format', 'recordio', '--json');
    expect(mapped.json[0]).toMatchObject({
      remarks: [
        'train.rec: the labels 3 to 5, with 1 left out, are trained as the classes 0 to 1 in their order',
      ],
    });
  });

  it('goes on where it was killed', async () => {
    const file = join(folder, 'killed.jsonl');
    const left = await interrupted(file, 'SIGKILL');
    expect(left).toBeLessThan(manyImages);
    // As if the kill had come in the middle of a line.
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.slice(0, text.lastIndexOf('\n') - 20));
    const { json } = await run('dataset', 'tag', many, '--format', 'identities', '--output', file, '--json');
    expect(json[0]).toMatchObject({ knownCount: left - 1, taggedCount: manyImages - left + 1 });
    const images = (await linesOf(file)).slice(1).map((tag) => tag['image']);
    expect(images).toHaveLength(manyImages);
    expect(new Set(images).size).toBe(manyImages);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves whole lines at %s', async (signal) => {
    const file = join(folder, `${signal}.jsonl`);
    const left = await interrupted(file, signal);
    expect(left).toBeLessThan(manyImages);
    expect(await linesOf(file)).toHaveLength(left + 1);
    const { json } = await run('dataset', 'tag', many, '--format', 'identities', '--output', file, '--json');
    expect(json[0]).toMatchObject({ knownCount: left, taggedCount: manyImages - left });
  });

  it.skipIf(!hasSharedData('tagging crops of LFW'))('finds the faces in aligned crops', async () => {
    const bin = sharedPath('data', 'bin', 'lfw_tiny_py3_protocol3.bin');
    const out = join(folder, 'lfw-tiny.jsonl');
    const { json } = await run('dataset', 'tag', bin, '--format', 'bin', '--output', out, '--json');
    expect(json[0]).toMatchObject({ imageKind: 'aligned-crop', imageCount: 40, faceCount: 40 });
    const shares = (json[0]?.['crossPosed'] as { share: number }[]).map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares[2]).toBeGreaterThan(0.4);
    expect(shares[2]).toBeLessThan(0.95);
  });
});
