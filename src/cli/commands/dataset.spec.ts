import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  failedCall,
  type FakeAnswers,
  type FakeFailure,
  type FakeServer,
  startFakeServer,
} from '../../../test/support/fake-symface-server.js';
import { RecordingTerminal } from '../../../test/support/recording-terminal.js';
import { writeInsightFaceRecords } from '../../../test/support/record-io-writer.js';
import { sampleFace } from '../../../test/support/sample-face.js';
import type { DetectFacesResponse } from '../../generated/symface/v1/DetectFacesResponse.js';
import { runCommandLine } from '../program.js';

type Answer = Partial<DetectFacesResponse> | FakeFailure;

/** What the fake server has been sent, in order: the images' content as text. */
let sent: string[];
let folder: string;
let server: FakeServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-tag-'));
  sent = [];
});

afterEach(async () => {
  server?.stop();
  server = undefined;
  await rm(folder, { recursive: true });
});

async function write(name: string, content = name): Promise<string> {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
  return path;
}

/** A server whose detector answers by an image's content. */
function detecting(answerOf: (content: string) => Answer, detector = 'detector-1'): FakeAnswers {
  return {
    models: {
      ListModelVersions: (_, done) => {
        const inactive = { name: 'modelVersions/detector-0', active: false };
        done(null, { modelVersions: [inactive, { name: `modelVersions/${detector}`, active: true }] });
      },
    },
    verification: {
      DetectFaces: ({ request }, done) => {
        const content = request.image?.content.toString() ?? '';
        sent.push(content);
        const answer = answerOf(content);
        if ('message' in answer) {
          done(failedCall(answer));
          return;
        }
        const size = { imageWidth: 100, imageHeight: 80 };
        done(null, { faces: [sampleFace], ...size, detectorVersion: detector, ...answer });
      },
    },
  };
}

async function tag(answers: FakeAnswers, ...args: string[]) {
  server?.stop();
  server = await startFakeServer(answers);
  const terminal = new RecordingTerminal();
  const exitCode = await runCommandLine(['dataset', 'tag', ...args, '--server', server.address], terminal);
  return { exitCode, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n'), terminal };
}

async function lines(file: string): Promise<Record<string, unknown>[]> {
  const text = await readFile(file, 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const rho = (value: number) => ({
  faces: [{ ...sampleFace, frontness: { rho: value, noseOffsetPixels: 1 } }],
});
const identities = (...rest: string[]) => [folder, '--format', 'identities', ...rest];

describe('symface dataset tag', () => {
  it("writes a tag an image into the folder and prints the paper's Table 5", async () => {
    await write('a/1.jpg');
    await write('a/2.jpg');
    await write('b/1.jpg');
    await write('b/broken.jpg');
    const answers = detecting((content): Answer => {
      if (content === 'a/2.jpg') return rho(0.15);
      if (content === 'b/1.jpg') return { faces: [] };
      if (content === 'b/broken.jpg') return { reason: 'IMAGE_UNREADABLE', message: 'It is cut short.' };
      return {};
    });
    const { exitCode, out, err } = await tag(answers, ...identities());
    expect(err).toBe('');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Tagged 4 images in [\d.]+ s \([\d.]+\/s\); 0 were tagged before\.$/mu);
    expect(out).toContain('faces     in 2 of 4 images');
    expect(out).toContain('in 1 images: FACE_NOT_FOUND');
    expect(out).toContain('in 1 images: IMAGE_UNREADABLE');
    // ρ of 0.8, 0.15 and 0 (not found); the broken one is in no share.
    expect(out).toMatch(/0\.05 +33\.3 % +1\n +0\.10 +33\.3 % +1\n +0\.20 +66\.7 % +2\n/u);
    const [header, ...tags] = await lines(join(folder, 'tags.jsonl'));
    expect(header).toEqual({
      schema: 'symface-image-tags',
      schemaVersion: 1,
      format: 'identity-folder',
      imageKind: 'photograph',
      detectorVersion: 'detector-1',
    });
    const byImage = new Map(tags.map((line) => [line['image'], line]));
    expect(byImage.size).toBe(4);
    expect(byImage.get('a/1.jpg')).toMatchObject({
      sha256: '35f4aeeb54d23214f642c1a6c86f9ed0e03702bad3dc03687b118d4163ee73c2',
      face: {
        landmarks: { leftEye: { x: 32, y: 28 }, rightMouthCorner: { x: 46, y: 48 } },
        box: { x: 20, y: 10, width: 40, height: 50 },
        rho: 0.8,
        noseOffsetPixels: 0.5,
        quality: { sharpness: 120, pose: { yawDegrees: 3 } },
      },
    });
    expect(byImage.get('b/1.jpg')).toMatchObject({ face: null, reason: 'FACE_NOT_FOUND' });
    expect(byImage.get('b/broken.jpg')).toMatchObject({ face: null, reason: 'IMAGE_UNREADABLE' });
  });

  it('takes the face nearest the middle', async () => {
    await write('a/1.jpg');
    const aside = { ...sampleFace, box: { x: 0, y: 0, width: 90, height: 20 } };
    const answers = detecting(() => ({ faces: [aside, ...rho(0.5).faces] }));
    await tag(answers, ...identities());
    expect((await lines(join(folder, 'tags.jsonl')))[1]).toMatchObject({ face: { rho: 0.5 } });
  });

  it('sends again only what has changed or was not tagged', async () => {
    await write('a/1.jpg');
    await write('a/2.jpg');
    const answers = detecting(() => ({}));
    await tag(answers, ...identities());
    await write('a/2.jpg', 'changed');
    await write('a/3.jpg');
    sent = [];
    const { terminal } = await tag(answers, ...identities('--json'));
    expect(sent.sort()).toEqual(['a/3.jpg', 'changed']);
    expect(terminal.json).toMatchObject([
      {
        format: 'identity-folder',
        detectorVersion: 'detector-1',
        taggedCount: 2,
        knownCount: 1,
        imageCount: 3,
        faceCount: 3,
        faceless: [],
        crossPosed: [{ threshold: 0.05, count: 0, share: 0 }, {}, {}, {}, {}],
      },
    ]);
  });

  it('waits while the server is busy or away', async () => {
    await write('a/1.jpg');
    const refusals: FakeFailure[] = [
      { code: status.RESOURCE_EXHAUSTED, reason: 'OVERLOADED', message: 'busy', retryDelayMs: 10 },
      { code: status.UNAVAILABLE, reason: 'WORKER_LOST', message: 'lost' },
    ];
    const { exitCode } = await tag(
      detecting(() => refusals.shift() ?? {}),
      ...identities(),
    );
    expect(exitCode).toBe(0);
    expect(sent).toHaveLength(3);
  });

  it('ends at a failure that is not of the image, and goes on from there', async () => {
    for (let index = 0; index < 20; index++) await write(`a/${String(index).padStart(2, '0')}.jpg`);
    const denied = { code: status.PERMISSION_DENIED, reason: 'PERMISSION_DENIED', message: 'Not yours.' };
    const failing = detecting((content) => (content === 'a/09.jpg' ? denied : {}));
    const { exitCode, err } = await tag(failing, ...identities());
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Ended after \d+ of 20 images\. Their tags are kept in .*tags\.jsonl/u);
    expect(err).toContain('PERMISSION_DENIED: a/09.jpg: Not yours.');
    const kept = (await lines(join(folder, 'tags.jsonl'))).length - 1;
    sent = [];
    const { out } = await tag(
      detecting(() => ({})),
      ...identities(),
    );
    expect(sent).toHaveLength(20 - kept);
    expect(out).toContain(`${kept} were tagged before`);
  });

  it('ends where the detector is changed meanwhile', async () => {
    await write('a/1.jpg');
    const { exitCode, err } = await tag(
      detecting(() => ({ detectorVersion: 'detector-2' })),
      ...identities(),
    );
    expect(exitCode).toBe(2);
    expect(err).toContain('changed from detector-1 to detector-2 meanwhile');
  });

  it('refuses tags of another detector until it is told to restart', async () => {
    await write('a/1.jpg');
    await tag(
      detecting(() => ({})),
      ...identities(),
    );
    const other = detecting(() => ({}), 'detector-2');
    const { exitCode, err } = await tag(other, ...identities());
    expect(exitCode).toBe(2);
    expect(err).toMatch(
      /tags\.jsonl was made by the detector detector-1, and detector-2 serves now\. .*--restart/u,
    );
    expect((await tag(other, ...identities('--restart'))).exitCode).toBe(0);
    expect((await lines(join(folder, 'tags.jsonl')))[0]).toMatchObject({ detectorVersion: 'detector-2' });
  });

  it('refuses to overwrite what is no file of tags', async () => {
    const image = await write('a/1.jpg');
    const { err } = await tag(
      detecting(() => ({})),
      ...identities('--output', image, '--restart'),
    );
    expect(err).toContain('holds no tags of a data set. It is left as it is');
    expect(await readFile(image, 'utf8')).toBe('a/1.jpg');
  });

  it('reads lists as benchmarks do, and writes beside them', async () => {
    const list = await write('pairs.csv', 'image_a,image_b,same\nx.jpg,y.jpg,1\n');
    await write('images/x.jpg');
    await write('images/y.jpg');
    const args = [list, '--format', 'csv', '--images', join(folder, 'images'), '--aligned'];
    expect(
      (
        await tag(
          detecting(() => ({})),
          ...args,
        )
      ).exitCode,
    ).toBe(0);
    expect(await lines(`${list}.tags.jsonl`)).toMatchObject([
      { format: 'pairs-csv', imageKind: 'aligned-crop' },
      { image: expect.stringMatching(/^[xy]\.jpg$/u) as string },
      {},
    ]);
  });

  it.each([
    {
      args: ['.', '--format', 'zip'],
      says: /Allowed choices are cfp-ff, cfp-fp, cross-lfw, bin, lfw, csv, identities,/u,
    },
    { args: ['no-such', '--format', 'identities'], says: /no-such: cannot be read/u },
    {
      args: ['package.json', '--format', 'bin'],
      says: /package\.json, offset \d+: is no file of face pairs/u,
    },
    { args: ['src', '--format', 'identities', '--images', 'x'], says: /--images goes with lists/u },
    { args: ['x.csv', '--format', 'csv', '--subfolder', 'x'], says: /--subfolder goes with/u },
    { args: ['src', '--format', 'identities'], says: /src: holds no image; IDENTITY\/image\.jpg/u },
  ])('says what is wrong with $args', async ({ args, says }) => {
    const { exitCode, err } = await tag(
      detecting(() => ({})),
      ...args,
    );
    expect(exitCode).toBe(2);
    expect(err).toMatch(says);
  });

  it("tags InsightFace's records, in a file beside them", async () => {
    const path = join(folder, 'train.rec');
    await writeInsightFaceRecords(path, [[Buffer.from('one'), Buffer.from('two')], [Buffer.from('three')]]);
    const { exitCode } = await tag(
      detecting(() => ({})),
      path,
      '--format',
      'recordio',
    );
    expect(exitCode).toBe(0);
    expect([...sent].sort()).toEqual(['one', 'three', 'two']);
    const [header, ...tags] = await lines(`${path}.tags.jsonl`);
    expect(header).toMatchObject({ format: 'insightface-records', imageKind: 'aligned-crop' });
    expect(tags.map((line) => line['image']).sort()).toEqual(['record 1', 'record 2', 'record 3']);
  });

  it('tags a list of identities', async () => {
    await write('images/1.jpg');
    await write('images/2.jpg');
    const list = await write('identities.tsv', 'file\tidentity\n1.jpg\tada\n2.jpg\tbob\n');
    const images = ['--images', join(folder, 'images')];
    const { exitCode } = await tag(
      detecting(() => ({})),
      list,
      '--format',
      'list',
      ...images,
    );
    expect(exitCode).toBe(0);
    const [header, ...tags] = await lines(`${list}.tags.jsonl`);
    expect(header).toMatchObject({ format: 'identity-list', imageKind: 'photograph' });
    expect(tags.map((line) => line['image']).sort()).toEqual(['1.jpg', '2.jpg']);
  });

  it('names an image of a list that is not there', async () => {
    const list = await write('pairs.csv', 'image_a,image_b,same\nx.jpg,y.jpg,1\n');
    await write('x.jpg');
    const { exitCode, err } = await tag(
      detecting(() => ({})),
      list,
      '--format',
      'csv',
    );
    expect(exitCode).toBe(2);
    expect(err).toContain('pairs.csv, line 2: names an image that is not there: y.jpg');
    expect(sent).toEqual([]);
  });

  it('says what to do where the tags cannot be written', async () => {
    await write('a/1.jpg');
    const { exitCode, err } = await tag(
      detecting(() => ({})),
      ...identities('--output', join(folder, 'no', 'x.jsonl')),
    );
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Cannot write the tags to .*x\.jsonl \(ENOENT\)\. Its folder is not there/u);
  });
});
