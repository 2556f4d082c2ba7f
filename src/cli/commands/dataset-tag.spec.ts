import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DatasetTagging, type TaggingAnswer, tagLines } from '../../../test/support/dataset-tagging.js';
import type { FakeFailure } from '../../../test/support/fake-symface-server.js';
import { sampleFace } from '../../../test/support/sample-face.js';

let tagging: DatasetTagging;

beforeEach(async () => {
  tagging = await DatasetTagging.inNewFolder();
});

afterEach(async () => {
  await tagging.remove();
});

const rho = (value: number) => ({
  faces: [{ ...sampleFace, frontness: { rho: value, noseOffsetPixels: 1 } }],
});
const identities = (...rest: string[]) => [tagging.folder, '--format', 'identities', ...rest];

describe('symface dataset tag', () => {
  it("writes a tag an image into the folder and prints the paper's Table 5", async () => {
    await tagging.write('a/1.jpg');
    await tagging.write('a/2.jpg');
    await tagging.write('b/1.jpg');
    await tagging.write('b/broken.jpg');
    const answers = tagging.detecting((content): TaggingAnswer => {
      if (content === 'a/2.jpg') return rho(0.15);
      if (content === 'b/1.jpg') return { faces: [] };
      if (content === 'b/broken.jpg') return { reason: 'IMAGE_UNREADABLE', message: 'It is cut short.' };
      return {};
    });
    const { exitCode, out, err } = await tagging.tag(answers, ...identities());
    expect(err).toBe('');
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^Tagged 4 images in [\d.]+ s \([\d.]+\/s\); 0 were tagged before\.$/mu);
    expect(out).toContain('faces     in 2 of 4 images');
    expect(out).toContain('in 1 images: FACE_NOT_FOUND');
    expect(out).toContain('in 1 images: IMAGE_UNREADABLE');
    // ρ of 0.8, 0.15 and 0 (not found); the broken one is in no share.
    expect(out).toMatch(/0\.05 +33\.3 % +1\n +0\.10 +33\.3 % +1\n +0\.20 +66\.7 % +2\n/u);
    const [header, ...tags] = await tagLines(join(tagging.folder, 'tags.jsonl'));
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
    await tagging.write('a/1.jpg');
    const aside = { ...sampleFace, box: { x: 0, y: 0, width: 90, height: 20 } };
    const answers = tagging.detecting(() => ({ faces: [aside, ...rho(0.5).faces] }));
    await tagging.tag(answers, ...identities());
    expect((await tagLines(join(tagging.folder, 'tags.jsonl')))[1]).toMatchObject({ face: { rho: 0.5 } });
  });

  it('sends again only what has changed or was not tagged', async () => {
    await tagging.write('a/1.jpg');
    await tagging.write('a/2.jpg');
    const answers = tagging.detecting(() => ({}));
    await tagging.tag(answers, ...identities());
    await tagging.write('a/2.jpg', 'changed');
    await tagging.write('a/3.jpg');
    tagging.sent = [];
    const { terminal } = await tagging.tag(answers, ...identities('--json'));
    expect(tagging.sent.sort()).toEqual(['a/3.jpg', 'changed']);
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
    await tagging.write('a/1.jpg');
    const refusals: FakeFailure[] = [
      { code: status.RESOURCE_EXHAUSTED, reason: 'OVERLOADED', message: 'busy', retryDelayMs: 10 },
      { code: status.UNAVAILABLE, reason: 'WORKER_LOST', message: 'lost' },
    ];
    const { exitCode } = await tagging.tag(
      tagging.detecting(() => refusals.shift() ?? {}),
      ...identities(),
    );
    expect(exitCode).toBe(0);
    expect(tagging.sent).toHaveLength(3);
  });

  it('ends at a failure that is not of the image, and goes on from there', async () => {
    for (let index = 0; index < 20; index++) await tagging.write(`a/${String(index).padStart(2, '0')}.jpg`);
    const denied = { code: status.PERMISSION_DENIED, reason: 'PERMISSION_DENIED', message: 'Not yours.' };
    const failing = tagging.detecting((content) => (content === 'a/09.jpg' ? denied : {}));
    const { exitCode, err } = await tagging.tag(failing, ...identities());
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Ended after \d+ of 20 images\. Their tags are kept in .*tags\.jsonl/u);
    expect(err).toContain('PERMISSION_DENIED: a/09.jpg: Not yours.');
    const kept = (await tagLines(join(tagging.folder, 'tags.jsonl'))).length - 1;
    tagging.sent = [];
    const { out } = await tagging.tag(
      tagging.detecting(() => ({})),
      ...identities(),
    );
    expect(tagging.sent).toHaveLength(20 - kept);
    expect(out).toContain(`${kept} were tagged before`);
  });

  it('ends where the detector is changed meanwhile', async () => {
    await tagging.write('a/1.jpg');
    const { exitCode, err } = await tagging.tag(
      tagging.detecting(() => ({ detectorVersion: 'detector-2' })),
      ...identities(),
    );
    expect(exitCode).toBe(2);
    expect(err).toContain('changed from detector-1 to detector-2 meanwhile');
  });

  it('refuses tags of another detector until it is told to restart', async () => {
    await tagging.write('a/1.jpg');
    await tagging.tag(
      tagging.detecting(() => ({})),
      ...identities(),
    );
    const other = tagging.detecting(() => ({}), 'detector-2');
    const { exitCode, err } = await tagging.tag(other, ...identities());
    expect(exitCode).toBe(2);
    expect(err).toMatch(
      /tags\.jsonl was made by the detector detector-1, and detector-2 serves now\. .*--restart/u,
    );
    expect((await tagging.tag(other, ...identities('--restart'))).exitCode).toBe(0);
    expect((await tagLines(join(tagging.folder, 'tags.jsonl')))[0]).toMatchObject({
      detectorVersion: 'detector-2',
    });
  });

  it('refuses to overwrite what is no file of tags', async () => {
    const image = await tagging.write('a/1.jpg');
    const { err } = await tagging.tag(
      tagging.detecting(() => ({})),
      ...identities('--output', image, '--restart'),
    );
    expect(err).toContain('holds no tags of a data set. It is left as it is');
    expect(await readFile(image, 'utf8')).toBe('a/1.jpg');
  });

  it('says what to do where the tags cannot be written', async () => {
    await tagging.write('a/1.jpg');
    const { exitCode, err } = await tagging.tag(
      tagging.detecting(() => ({})),
      ...identities('--output', join(tagging.folder, 'no', 'x.jsonl')),
    );
    expect(exitCode).toBe(2);
    expect(err).toMatch(/Cannot write the tags to .*x\.jsonl \(ENOENT\)\. Its folder is not there/u);
  });
});
