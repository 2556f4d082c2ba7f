import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import type { StreamVerifyResponse__Output } from '../../src/generated/symface/v1/StreamVerifyResponse.js';
import type { VerifyRequest } from '../../src/generated/symface/v1/VerifyRequest.js';
import {
  hugePng,
  photographOfAnotherPerson,
  photographOfNobody,
  photographOfOnePerson,
  photographOfTwoPersons,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

let server: SharedService;
let client: SymFaceClient;
let person: Buffer;
let personAgain: Buffer;
let otherPerson: Buffer;

beforeAll(async () => {
  [person, personAgain, otherPerson] = await Promise.all([
    photographOfOnePerson(),
    secondPhotographOfThatPerson(),
    photographOfAnotherPerson(),
  ]);
  server = await sharedService();
  client = new SymFaceClient({ server: server.address, timeoutMs: 30_000 });
});

afterAll(() => {
  client.close();
});

async function verify(a: Buffer, b: Buffer, options = {}) {
  return client.faceVerification.verify({ imageA: { content: a }, imageB: { content: b }, ...options });
}

describe('Verify', () => {
  it('matches two photographs of one person and says with which model and threshold', async () => {
    const response = await verify(person, personAgain);
    expect(response).toMatchObject({
      matched: true,
      threshold: { origin: 'THRESHOLD_ORIGIN_MODEL_VERSION' },
      modelVersion: expect.stringMatching(/-[0-9a-f]{12}$/u) as string,
      detectorVersion: expect.stringMatching(/-[0-9a-f]{12}$/u) as string,
    });
    expect(response.similarity).toBeGreaterThan(response.threshold!.similarity);
    expect(response.threshold!.description).toMatch(/FMR/u);
    for (const face of [response.faceA!, response.faceB!]) {
      expect(face.frontness!.rho).toBeGreaterThan(0);
      expect(face.quality!.detectionProbability).toBeGreaterThan(0.5);
      expect(face.landmarks!.leftEye!.x).toBeLessThan(face.landmarks!.rightEye!.x);
      expect(face.landmarks!.leftEye!.y).toBeLessThan(face.landmarks!.leftMouthCorner!.y);
    }
  });

  it('does not match two persons', async () => {
    const response = await verify(person, otherPerson);
    expect(response.matched).toBe(false);
    expect(response.similarity).toBeLessThan(response.threshold!.similarity);
  });

  it('decides by the threshold of the request where there is one', async () => {
    const similarityThreshold = 0.25;
    const asked = { similarity: similarityThreshold, origin: 'THRESHOLD_ORIGIN_REQUEST' };
    for (const [other, matched] of [
      [personAgain, true],
      [otherPerson, false],
    ] as const) {
      const answer = await verify(person, other, { similarityThreshold });
      expect(answer).toMatchObject({ matched, threshold: asked });
    }
  });

  it.each([0.1, 0.97])('refuses a threshold of %d, which means nothing for this model', async (threshold) => {
    await expect(verify(person, personAgain, { similarityThreshold: threshold })).rejects.toMatchObject({
      codeName: 'INVALID_ARGUMENT',
      fieldViolations: [expect.objectContaining({ field: 'similarity_threshold' })],
    });
  });

  it('gives 1 for a photograph and itself', async () => {
    expect((await verify(person, person)).similarity).toBeCloseTo(1, 6);
  });
});

describe('bad images', () => {
  const cases: [string, () => Buffer | Promise<Buffer>, string][] = [
    ['nobody', photographOfNobody, 'FACE_NOT_FOUND'],
    ['two persons', photographOfTwoPersons, 'MULTIPLE_FACES'],
    ['a truncated JPEG', () => person.subarray(0, person.length / 2), 'IMAGE_UNREADABLE'],
    ['a text file', () => Buffer.from('Dear sir or madam,\n'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['SVG', () => Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'IMAGE_FORMAT_UNSUPPORTED'],
    ['a PNG of 30,000 x 30,000 pixels', hugePng, 'IMAGE_TOO_LARGE'],
    ['no bytes', () => Buffer.alloc(0), 'IMAGE_EMPTY'],
  ];
  it.each(cases)(
    '%s: a typed error that names the field, and the service goes on',
    async (_, make, reason) => {
      await expect(verify(person, await make())).rejects.toMatchObject({
        codeName: 'INVALID_ARGUMENT',
        reason,
        fieldViolations: [expect.objectContaining({ field: expect.stringContaining('image_b') as string })],
      });
      expect((await verify(person, personAgain)).matched).toBe(true);
    },
  );

  it('takes the larger of two persons where asked to', async () => {
    const response = await verify(person, await photographOfTwoPersons(), {
      faceSelection: 'FACE_SELECTION_LARGEST',
    });
    expect(Math.abs(response.similarity)).toBeLessThanOrEqual(1);
  });

  it('takes two large photographs in one call', async () => {
    // What follows the end of a JPEG is not read.
    const large = (image: Buffer): Buffer => Buffer.concat([image, Buffer.alloc(11 * 1024 * 1024)]);
    expect((await verify(large(person), large(personAgain))).matched).toBe(true);
  });

  it('refuses an image over 32 MiB, and a message over 66 MiB without harm, and says what to do', async () => {
    await expect(verify(person, Buffer.alloc(33 * 1024 * 1024, 1))).rejects.toMatchObject({
      reason: 'IMAGE_TOO_LARGE',
    });
    await expect(verify(person, Buffer.alloc(67 * 1024 * 1024, 1))).rejects.toMatchObject({
      codeName: 'RESOURCE_EXHAUSTED',
      message: expect.stringContaining('Send smaller images, or fewer in one call.') as string,
    });
    expect((await verify(person, personAgain)).matched).toBe(true);
  });
});

describe('bad requests', () => {
  it.each([
    ['a threshold above 1', { similarityThreshold: 1.5 }],
    ['a threshold that is no number', { similarityThreshold: Number.NaN }],
    ['all faces in Verify', { faceSelection: 'FACE_SELECTION_ALL' }],
    ['an unknown policy', { faceSelection: 99 }],
  ])('%s is INVALID_ARGUMENT', async (_, options) => {
    await expect(verify(person, personAgain, options)).rejects.toMatchObject({
      codeName: 'INVALID_ARGUMENT',
      reason: 'INVALID_ARGUMENT',
    });
  });

  it('says which size an aligned crop must have', async () => {
    const image = { content: person, kind: 'IMAGE_KIND_ALIGNED_CROP' } as const;
    await expect(client.faceVerification.embed({ image })).rejects.toMatchObject({
      reason: 'MODEL_CONTRACT_MISMATCH',
      message: expect.stringMatching(/\d+x\d+/u) as string,
    });
  });

  it('keeps a deadline that is too short', async () => {
    const hasty = new SymFaceClient({ server: server.address, timeoutMs: 1 });
    await expect(hasty.faceVerification.embed({ image: { content: person } })).rejects.toMatchObject({
      codeName: 'DEADLINE_EXCEEDED',
    });
    hasty.close();
  });
});

describe('Embed and DetectFaces', () => {
  it('gives a unit vector for one face and as many as there are where all are asked for', async () => {
    const one = await client.faceVerification.embed({ image: { content: person } });
    const norm = Math.hypot(...one.embeddings[0]!.values);
    expect(norm).toBeCloseTo(1, 5);
    const both = await client.faceVerification.embed({
      image: { content: await photographOfTwoPersons() },
      faceSelection: 'FACE_SELECTION_ALL',
    });
    expect(both.embeddings).toHaveLength(2);
  });

  it('gives an empty list for nobody, and crops where asked for', async () => {
    const nobody = await client.faceVerification.detectFaces({
      image: { content: await photographOfNobody() },
    });
    expect(nobody.faces).toEqual([]);
    const { faces } = await client.faceVerification.detectFaces({
      image: { content: person },
      includeCrops: true,
    });
    expect(faces).toHaveLength(1);
    for (const png of Object.values(faces[0]!.crops!)) {
      expect((png as Buffer).subarray(1, 4).toString('latin1')).toBe('PNG');
    }
  });
});

describe('many pairs', () => {
  it('BatchVerify fails the bad pair alone', async () => {
    const pair = (a: Buffer, b: Buffer): VerifyRequest => ({
      imageA: { content: a },
      imageB: { content: b },
    });
    const { results } = await client.faceVerification.batchVerify({
      pairs: [pair(person, personAgain), pair(person, Buffer.from('no')), pair(person, otherPerson)],
    });
    expect(results.map(({ outcome, response }) => [outcome, response?.matched])).toEqual([
      ['response', true],
      ['error', undefined],
      ['response', false],
    ]);
  });

  it('StreamVerify answers every request, bad ones with their error', async () => {
    const requests = Array.from({ length: 20 }, (_, index) => {
      const content = index === 7 ? Buffer.from('no image') : personAgain;
      return {
        correlationId: String(index),
        request: { imageA: { content: person }, imageB: { content } },
      };
    });
    const answers = new Map<string, StreamVerifyResponse__Output>();
    for await (const answer of client.faceVerification.streamVerify(requests))
      answers.set(answer.correlationId, answer);
    expect(answers.size).toBe(20);
    for (const [id, { result }] of answers) expect(result!.outcome).toBe(id === '7' ? 'error' : 'response');
  });
});

describe('the HTTP port', () => {
  it('answers probes and shows metrics', async () => {
    expect((await fetch(`${server.httpUrl}/healthz`)).status).toBe(200);
    expect((await fetch(`${server.httpUrl}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
    expect(metrics).toMatch(/symface_inference_workers [1-9]/u);
    expect(metrics).toMatch(/symface_served_models\{backbone="[^"]+",detector="[^"]+"\} 1/u);
    expect(metrics).toMatch(/symface_grpc_calls_total\{[^}]*Verify[^}]*code="OK"[^}]*\} [1-9]/u);
  });
});
