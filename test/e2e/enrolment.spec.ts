import { createDecipheriv } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { paginate } from '../../src/client/paginate.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { RemoteFailure } from '../../src/client/remote-failure.js';
import type { Status__Output } from '../../src/generated/google/rpc/Status.js';
import type { EnrollResult__Output } from '../../src/generated/symface/v1/EnrollResult.js';
import {
  hugePng,
  photographOfAnotherPerson,
  photographOfNobody,
  photographOfOnePerson,
  photographOfTwoPersons,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { reasonOf } from '../support/reason-of.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

let server: SharedService;
let client: SymFaceClient;
let one: Buffer;
let oneAgain: Buffer;
let onePng: Buffer;
let other: Buffer;
let next = 0;

beforeAll(async () => {
  server = await sharedService();
  client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
  [one, oneAgain, other] = await Promise.all([
    photographOfOnePerson(),
    secondPhotographOfThatPerson(),
    photographOfAnotherPerson(),
  ]);
  onePng = await sharp(one).png().toBuffer();
});

afterAll(() => {
  client.close();
});

/** A collection of its own for a test. */
async function newCollection(
  settings: Omit<Parameters<SymFaceClient['enrollment']['createCollection']>[0], 'collectionId'> = {},
): Promise<string> {
  const { collection } = await client.enrollment.createCollection({
    collectionId: `c${next++}`,
    ...settings,
  });
  return collection!.name;
}

async function enrol(
  parent: string,
  images: readonly Buffer[],
  more: { requestId?: string; allowDuplicates?: boolean } = {},
) {
  return client.enrollment.enrollFaces({
    parent,
    images: images.map((content) => ({ content })),
    createSubject: true,
    ...more,
  });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

function errorReason(error: Status__Output): string {
  return RemoteFailure.fromStatus(error).reason ?? 'none';
}

/** Null where the face was enrolled. */
function reasonIn({ error }: EnrollResult__Output): string | null {
  return error ? errorReason(error) : null;
}

describe('enrolment', () => {
  it('keeps what was measured, and verifies and identifies by it', async () => {
    const collection = await newCollection();
    const ada = `${collection}/subjects/ada`;
    const { results, modelVersion } = await enrol(ada, [one]);
    const face = results[0]!.face!;
    const detected = await client.faceVerification.detectFaces({ image: { content: one } });
    const { embeddings } = await client.faceVerification.embed({ image: { content: one } });
    expect(face.face!.landmarks).toEqual(detected.faces[0]!.landmarks);
    expect(face.face!.frontness).toEqual(detected.faces[0]!.frontness);
    expect(face).toMatchObject({ modelVersions: [modelVersion], detectorVersion: detected.detectorVersion });
    expect((await client.enrollment.getEnrolledFace({ name: face.name })).face).toEqual(face);

    await enrol(`${collection}/subjects/bob`, [other]);
    const verified = await client.faceVerification.verifySubject({
      subject: ada,
      image: { content: oneAgain },
    });
    const pair = await client.faceVerification.verify({
      imageA: { content: one },
      imageB: { content: oneAgain },
    });
    expect(verified).toMatchObject({ matched: true, bestFace: face.name, comparedFaceCount: 1 });
    expect(verified.similarity).toBeCloseTo(pair.similarity, 6);
    expect(
      (await client.faceVerification.verifySubject({ subject: ada, image: { content: other } })).matched,
    ).toBe(false);

    const found = await client.faceVerification.identify({ collection, image: { content: oneAgain } });
    expect(found.candidates.map(({ subject, matched }) => [subject, matched])).toEqual([
      [ada, true],
      [`${collection}/subjects/bob`, false],
    ]);
    expect(found.candidates[0]!.similarity).toBe(verified.similarity);
    expect(found.searchedFaceCount).toBe(2);
    expect(embeddings[0]!.values.length).toBeGreaterThan(0);
  });

  it('says the best of the faces, or all together, by the policy', async () => {
    const ada = `${await newCollection()}/subjects/ada`;
    await enrol(ada, [one, oneAgain]);
    const ask = { subject: ada, image: { content: one } };
    const best = await client.faceVerification.verifySubject({ ...ask, policy: 'SUBJECT_POLICY_BEST' });
    const mean = await client.faceVerification.verifySubject({ ...ask, policy: 'SUBJECT_POLICY_MEAN' });
    expect(best.bestSimilarity).toBeCloseTo(1, 6);
    const pair = await client.faceVerification.verify({
      imageA: { content: one },
      imageB: { content: oneAgain },
    });
    // The best is what is furthest above its own threshold, which need not be the most similar.
    expect([best.bestSimilarity, pair.similarity]).toContain(best.similarity);
    // The mean of two embeddings has a length of sqrt((1 + s) / 2).
    expect(mean.similarity).toBeCloseTo(((1 + pair.similarity) / 2) ** 0.625, 5);
    expect(mean.meanSimilarity).toBeCloseTo((1 + pair.similarity) / 2, 6);
    expect(mean.bestSimilarity).toBe(best.bestSimilarity);
    const [collection = ''] = ada.split('/subjects/');
    for (const [policy, similarity] of [
      ['SUBJECT_POLICY_BEST', best.similarity],
      ['SUBJECT_POLICY_MEAN', mean.similarity],
    ] as const) {
      const { candidates } = await client.faceVerification.identify({ collection, image: ask.image, policy });
      expect(candidates.map(({ subject }) => subject)).toEqual([ada]);
      expect(candidates[0]!.similarity).toBeCloseTo(similarity, 6);
      expect(candidates[0]!.face).toBe(best.bestFace);
    }
  });

  it('refuses bad images one by one, and enrols the others', async () => {
    const collection = await newCollection();
    const images = [
      one,
      await photographOfNobody(),
      await photographOfTwoPersons(),
      Buffer.from('no image'),
      hugePng(),
    ];
    const { results } = await enrol(`${collection}/subjects/ada`, images);
    const reasons = results.map(reasonIn);
    expect(reasons).toEqual([
      null,
      'FACE_NOT_FOUND',
      'MULTIPLE_FACES',
      'IMAGE_FORMAT_UNSUPPORTED',
      'IMAGE_TOO_LARGE',
    ]);
    expect((await client.enrollment.getCollection({ name: collection })).collection).toMatchObject({
      subjectCount: 1,
      faceCount: 1,
    });
  });

  it('creates subjects with a display name, which Identify answers, and changes none that is there', async () => {
    const collection = await newCollection();
    const parent = `${collection}/subjects/jose`;
    const enrolled = { parent, createSubject: true, images: [{ content: one }] };
    await client.enrollment.enrollFaces({ ...enrolled, displayName: 'José' });
    await client.enrollment.enrollFaces({ ...enrolled, images: [{ content: oneAgain }], displayName: 'Joe' });
    await enrol(`${collection}/subjects/bob`, [other]);
    const { subject } = await client.enrollment.getSubject({ name: parent });
    expect(subject).toMatchObject({ displayName: 'José', faceCount: 2 });
    const { candidates } = await client.faceVerification.identify({ collection, image: { content: one } });
    expect(candidates.map(({ subjectDisplayName }) => subjectDisplayName)).toEqual(['José', '']);
  });

  it('keeps an image of a subject once, and says so, in one call and in several', async () => {
    const collection = await newCollection();
    const ada = `${collection}/subjects/ada`;
    const { results } = await enrol(ada, [one, oneAgain, one]);
    expect(results.map(({ alreadyEnrolled }) => alreadyEnrolled)).toEqual([false, false, true]);
    expect(results[2]!.face).toEqual(results[0]!.face);
    const again = await enrol(ada, [oneAgain, other]);
    expect(again.results.map(({ alreadyEnrolled }) => alreadyEnrolled)).toEqual([true, false]);
    expect(again.results[0]!.face).toEqual(results[1]!.face);
    const twice = await Promise.all([
      enrol(`${collection}/subjects/eve`, [onePng]),
      enrol(`${collection}/subjects/eve`, [onePng]),
    ]);
    expect(twice.map((response) => response.results[0]!.alreadyEnrolled).sort()).toEqual([false, true]);
    const { collection: counted } = await client.enrollment.getCollection({ name: collection });
    expect(counted).toMatchObject({ subjectCount: 2, faceCount: 4 });
  });

  it('refuses an image of another subject unless that is allowed; other collections and deleted faces do not matter', async () => {
    const collection = await newCollection();
    const bob = `${collection}/subjects/bob`;
    const { results } = await enrol(`${collection}/subjects/ada`, [one]);
    const refused = await enrol(bob, [one, other, one]);
    expect(refused.results.map(reasonIn)).toEqual(['DUPLICATE_IMAGE', null, 'DUPLICATE_IMAGE']);
    expect(refused.results[0]!.error!.message).toContain(`${collection}/subjects/ada has this very image`);
    const allowed = await enrol(bob, [one], { allowDuplicates: true });
    expect(allowed.results[0]).toMatchObject({ alreadyEnrolled: false });
    expect((await enrol(`${await newCollection()}/subjects/bob`, [one])).results.map(reasonIn)).toEqual([
      null,
    ]);
    await client.enrollment.deleteEnrolledFace({ name: results[0]!.face!.name });
    await client.enrollment.deleteSubject({ name: bob });
    expect((await enrol(`${collection}/subjects/cyd`, [one])).results.map(reasonIn)).toEqual([null]);
  });

  it('identifies each face of a group photograph, and compares one photograph with many', async () => {
    const collection = await newCollection();
    const { results: enrolled } = await enrol(`${collection}/subjects/ada`, [one]);
    const two = { content: await photographOfTwoPersons() };
    const faceSelection = 'FACE_SELECTION_ALL';
    const group = await client.faceVerification.identify({ collection, image: two, faceSelection });
    const detected = await client.faceVerification.detectFaces({ image: two });
    expect(group.faces.map(({ face }) => face?.box)).toEqual(detected.faces.map(({ box }) => box));
    expect(group).toMatchObject({ candidates: [], face: null, leftOutFaceCount: 0, searchedFaceCount: 1 });
    const nobody = { content: await photographOfNobody() };
    expect(
      (await client.faceVerification.identify({ collection, image: nobody, faceSelection })).faces,
    ).toEqual([]);

    const images = [{ content: oneAgain }, nobody, { content: Buffer.alloc(0) }, { content: other }];
    const { results } = await client.faceVerification.verifyMany({ probe: { content: one }, images });
    expect(results.map(({ response, error }) => response?.matched ?? errorReason(error!))).toEqual([
      true,
      'FACE_NOT_FOUND',
      'IMAGE_EMPTY',
      false,
    ]);
    const pair = await client.faceVerification.verify({ imageA: { content: one }, imageB: images[0]! });
    expect(results[0]!.response!.similarity).toBeCloseTo(pair.similarity, 6);
    expect(results[0]!.response!.faceA!.box).toEqual(enrolled[0]!.face!.face!.box);
    expect(await reasonOf(client.faceVerification.verifyMany({ probe: nobody, images }))).toBe(
      'FACE_NOT_FOUND',
    );
  });

  it('enrols and finds by embeddings of the model that serves, which have no face', async () => {
    const collection = await newCollection();
    const { embeddings, modelVersion } = await client.faceVerification.embed({ image: { content: one } });
    const values = embeddings[0]!.values.map((value) => 3 * value);
    const parent = `${collection}/subjects/ada`;
    const request = {
      parent,
      createSubject: true,
      embeddings: [{ values, modelVersion }],
      requestId: collection,
    };
    const { results, detectorVersion } = await client.enrollment.enrollFaces(request);
    expect(results[0]!.face).toMatchObject({
      fromEmbedding: true,
      face: null,
      modelVersions: [modelVersion],
    });
    expect(detectorVersion).toBe('');
    expect((await client.enrollment.enrollFaces(request)).replayed).toBe(true);
    const again = await client.enrollment.enrollFaces({ ...request, requestId: '' });
    expect(again.results).toMatchObject([{ alreadyEnrolled: true, face: { name: results[0]!.face!.name } }]);
    const byImage = await client.faceVerification.verifySubject({ subject: parent, image: { content: one } });
    expect(byImage).toMatchObject({ matched: true, comparedFaceCount: 1 });
    expect(byImage.similarity).toBeCloseTo(1, 5);
    const embedding = { values, modelVersion };
    const found = await client.faceVerification.identify({ collection, embedding });
    expect(found).toMatchObject({ face: null, candidates: [{ subject: parent, matched: true }] });
    const wrong = { values, modelVersion: 'net-000000000000' };
    expect(await reasonOf(client.faceVerification.identify({ collection, embedding: wrong }))).toBe(
      'EMBEDDING_NOT_COMPARABLE',
    );
    const short = { values: values.slice(1), modelVersion };
    expect(await reasonOf(client.enrollment.enrollFaces({ parent, embeddings: [short] }))).toBe(
      'INVALID_ARGUMENT',
    );
    const image = { content: one };
    expect(await reasonOf(client.faceVerification.identify({ collection, image, embedding }))).toBe(
      'INVALID_ARGUMENT',
    );
  });

  it('finds merged subjects under their one name at once', async () => {
    const collection = await newCollection();
    const [ada, double] = [`${collection}/subjects/ada`, `${collection}/subjects/ada-2`];
    await enrol(ada, [other]);
    const { results } = await enrol(double, [one]);
    const ask = { collection, image: { content: oneAgain } };
    expect((await client.faceVerification.identify(ask)).candidates[0]!.subject).toBe(double);
    const merged = await client.enrollment.mergeSubjects({ target: ada, source: double });
    expect(merged).toMatchObject({ movedFaceCount: 1, subject: { name: ada, faceCount: 2 } });
    const { candidates, searchedFaceCount } = await client.faceVerification.identify(ask);
    const face = results[0]!.face!.name.replace('/ada-2/', '/ada/');
    expect(candidates).toMatchObject([{ subject: ada, face, matched: true }]);
    expect(searchedFaceCount).toBe(2);
    expect(await reasonOf(client.enrollment.getSubject({ name: double }))).toBe('SUBJECT_MERGED');
  });

  it('creates no subject where no face is accepted', async () => {
    const collection = await newCollection();
    await enrol(`${collection}/subjects/nobody`, [await photographOfNobody()]);
    expect(await all(paginate(client.enrollment.listSubjects, { parent: collection }))).toEqual([]);
  });

  it.each([
    { gate: { minimumFaceSizePixels: 5000 }, reason: 'FACE_TOO_SMALL' },
    { gate: { minimumDetectionProbability: 1 }, reason: 'FACE_DOUBTFUL' },
    { gate: { minimumSharpness: 100_000 }, reason: 'FACE_TOO_BLURRED' },
    { gate: { minimumRho: 1 }, reason: 'LOW_FRONTNESS' },
    { gate: { maximumYawDegrees: 0 }, reason: 'FACE_TOO_PROFILE' },
    { gate: { maximumPitchDegrees: 0 }, reason: 'FACE_LOOKS_UP_OR_DOWN' },
  ])('refuses what the gate $gate keeps out with $reason', async ({ gate, reason }) => {
    const collection = await newCollection({ qualityGate: gate });
    const { results } = await enrol(`${collection}/subjects/ada`, [one]);
    const failure = RemoteFailure.fromStatus(results[0]!.error!);
    expect(failure.reason).toBe(reason);
    expect(failure.metadata).toHaveProperty('limit');
  });

  it('keeps one face from being enrolled under two subjects, also by two calls at once', async () => {
    const collection = await newCollection({ qualityGate: { maximumOtherSubjectSimilarity: 0.9 } });
    const outcomes = await Promise.all(
      ['ada', 'eve', 'mallory'].map(async (subject) => enrol(`${collection}/subjects/${subject}`, [one])),
    );
    const reasons = outcomes.map(({ results }) => reasonIn(results[0]!));
    expect(reasons.filter((reason) => reason === null)).toHaveLength(1);
    expect(reasons.filter((reason) => reason === 'SUBJECT_CONFLICT')).toHaveLength(2);
    const owner = ['ada', 'eve', 'mallory'][reasons.indexOf(null)]!;
    expect((await enrol(`${collection}/subjects/${owner}`, [oneAgain])).results[0]!.face).not.toBeNull();
    expect((await enrol(`${collection}/subjects/bob`, [other])).results[0]!.face).not.toBeNull();
  });

  it('answers a repeated request as the first time, and enrols once', async () => {
    const collection = await newCollection();
    const parent = `${collection}/subjects/ada`;
    const images = [one, await photographOfNobody()];
    const requestId = 'request-1';
    const [first, meanwhile] = await Promise.all([
      enrol(parent, images, { requestId }),
      enrol(parent, images, { requestId }),
    ]);
    expect([first.replayed, meanwhile.replayed].sort()).toEqual([false, true]);
    const again = await enrol(parent, images, { requestId });
    expect(again.replayed).toBe(true);
    expect(again.results).toEqual(first.results);
    expect((await client.enrollment.getCollection({ name: collection })).collection!.faceCount).toBe(1);
    expect(await reasonOf(enrol(parent, [other], { requestId }))).toBe('REQUEST_ID_REUSED');
    await client.enrollment.deleteEnrolledFace({ name: first.results[0]!.face!.name });
    const late = await enrol(parent, images, { requestId });
    expect(RemoteFailure.fromStatus(late.results[0]!.error!).reason).toBe('ENROLLED_FACE_NOT_FOUND');
  });

  it('forgets a deleted subject at once, everywhere, and says what went', async () => {
    const collection = await newCollection();
    await enrol(`${collection}/subjects/ada`, [one, oneAgain]);
    await enrol(`${collection}/subjects/bob`, [other]);
    await client.faceVerification.identify({ collection, image: { content: one } });
    const { receipt } = await client.enrollment.deleteSubject({ name: `${collection}/subjects/ada` });
    expect(receipt).toMatchObject({ subjectCount: 1, faceCount: 2, cropCount: 2, templateCount: 2 });
    const found = await client.faceVerification.identify({ collection, image: { content: one } });
    expect(found.candidates.map(({ subject }) => subject)).toEqual([`${collection}/subjects/bob`]);
    const [event] = await all(paginate(client.admin.listAuditEvents, {}));
    expect(event).toMatchObject({
      action: 'subject.delete',
      target: `${collection}/subjects/ada`,
      details: { receipt_id: receipt!.id, face_count: '2' },
    });
  });

  it('lists page by page', async () => {
    const collection = await newCollection();
    for (const subjectId of ['b', 'a', 'c'])
      await client.enrollment.createSubject({ parent: collection, subjectId });
    const subjects = await all(paginate(client.enrollment.listSubjects, { parent: collection, pageSize: 2 }));
    expect(subjects.map(({ name }) => name.at(-1))).toEqual(['a', 'b', 'c']);
    await enrol(`${collection}/subjects/a`, [one, oneAgain, onePng]);
    const faces = await all(
      paginate(client.enrollment.listEnrolledFaces, { parent: `${collection}/subjects/a`, pageSize: 2 }),
    );
    expect(new Set(faces.map(({ name }) => name)).size).toBe(3);
    const collections = await all(paginate(client.enrollment.listCollections, { pageSize: 1 }));
    expect(collections.map(({ name }) => name)).toContain(collection);
  });

  it('keeps consent, names and gates as they are set', async () => {
    const collection = await newCollection({ displayName: 'Door' });
    const { subject } = await client.enrollment.createSubject({ parent: collection, displayName: 'Ada' });
    expect(subject).toMatchObject({ consentToTrain: false, displayName: 'Ada' });
    const consenting = await client.enrollment.updateSubject({ name: subject!.name, consentToTrain: true });
    expect(consenting.subject).toMatchObject({ consentToTrain: true, displayName: 'Ada' });
    expect((await client.enrollment.getSubject({ name: subject!.name })).subject).toEqual(consenting.subject);
    const gated = await client.enrollment.updateCollection({
      name: collection,
      qualityGate: { minimumRho: 0.5 },
    });
    expect(gated.collection).toMatchObject({ displayName: 'Door', qualityGate: { minimumRho: 0.5 } });
    expect(gated.collection!.qualityGate!.minimumSharpness).toBeUndefined();
  });

  it('takes the consent of the collection where nobody says, and records each', async () => {
    const collection = await newCollection({ defaultConsentToTrain: true });
    const { enrollment, admin } = client;
    const settings = await enrollment.getCollection({ name: collection });
    expect(settings.collection).toMatchObject({ defaultConsentToTrain: true });
    const created = await enrollment.createSubject({ parent: collection, subjectId: 'created' });
    expect(created.subject).toMatchObject({ consentToTrain: true });
    const refusing = { parent: collection, subjectId: 'refusing', consentToTrain: false };
    expect((await enrollment.createSubject(refusing)).subject).toMatchObject({ consentToTrain: false });
    await enrol(`${collection}/subjects/enrolled`, [one]);
    const enrolled = await enrollment.getSubject({ name: `${collection}/subjects/enrolled` });
    expect(enrolled.subject).toMatchObject({ consentToTrain: true });

    const changed = await enrollment.updateCollection({ name: collection, defaultConsentToTrain: false });
    expect(changed.collection).toMatchObject({ defaultConsentToTrain: false });
    const later = await enrollment.createSubject({ parent: collection, subjectId: 'later' });
    expect(later.subject).toMatchObject({ consentToTrain: false });
    expect((await enrollment.getSubject({ name: created.subject!.name })).subject).toEqual(created.subject);

    const events = (await all(paginate(admin.listAuditEvents, {}))).filter(({ target }) =>
      target.startsWith(collection),
    );
    expect(events.reverse().map(({ action, target, details }) => [action, target, details])).toEqual([
      ['collection.create', collection, expect.objectContaining({ default_consent_to_train: 'true' })],
      [
        'subject.consent',
        `${collection}/subjects/created`,
        expect.objectContaining({ source: 'collection default' }),
      ],
      [
        'subject.consent',
        `${collection}/subjects/enrolled`,
        expect.objectContaining({ consent_to_train: 'true' }),
      ],
      ['collection.update', collection, { default_consent_to_train: 'false' }],
    ]);
  });

  it('refuses wrong requests with the reason', async () => {
    const collection = await newCollection();
    const { enrollment } = client;
    const image = { content: one };
    const ada = `${collection}/subjects/ada`;
    await enrollment.createSubject({ parent: collection, subjectId: 'ada' });
    const refusals = await Promise.all(
      [
        enrollment.createCollection({ collectionId: 'Not An Id' }),
        enrollment.createCollection({ collectionId: 'ok', qualityGate: { minimumRho: 2 } }),
        enrollment.createCollection({ collectionId: 'ok', displayName: 'a\u0000b' }),
        enrollment.createCollection({ collectionId: collection.split('/')[1]! }),
        enrollment.getCollection({ name: 'collections/none' }),
        enrollment.getCollection({ name: 'nonsense' }),
        enrollment.createSubject({ parent: collection, subjectId: 'ada' }),
        enrollment.createSubject({ parent: collection, subjectId: '../x' }),
        enrollment.getSubject({ name: `${collection}/subjects/none` }),
        enrollment.getEnrolledFace({ name: `${ada}/faces/00000000-0000-0000-0000-000000000000` }),
        enrollment.getEnrolledFace({ name: `${ada}/faces/1` }),
        enrollment.enrollFaces({ parent: ada, images: [] }),
        enrollment.enrollFaces({
          parent: ada,
          images: new Array<typeof image>(17).fill({ content: Buffer.alloc(1) }),
        }),
        enrollment.enrollFaces({ parent: ada, images: [{ content: Buffer.alloc(0) }] }),
        enrollment.enrollFaces({ parent: ada, images: [{ ...image, kind: 'IMAGE_KIND_ALIGNED_CROP' }] }),
        enrollment.enrollFaces({ parent: ada, images: [image], requestId: 'x'.repeat(129) }),
        enrollment.enrollFaces({ parent: `${collection}/subjects/none`, images: [image] }),
        client.faceVerification.verifySubject({ subject: ada, image }),
        client.faceVerification.verifySubject({ subject: `${collection}/subjects/none`, image }),
        client.faceVerification.verifySubject({ subject: ada, image, similarityThreshold: 2 }),
        client.faceVerification.identify({ collection, image, maxCandidates: 101 }),
        client.faceVerification.identify({ collection: 'collections/none', image }),
        client.faceVerification.identify({ collection, image, searchMethod: 'SEARCH_METHOD_APPROXIMATE' }),
        client.admin.revokeApiKey({ name: 'apiKeys/none' }),
        client.admin.createApiKey({ tenant: 'No Tenant' }),
      ].map(reasonOf),
    );
    expect(refusals).toEqual([
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'COLLECTION_ALREADY_EXISTS',
      'COLLECTION_NOT_FOUND',
      'INVALID_ARGUMENT',
      'SUBJECT_ALREADY_EXISTS',
      'INVALID_ARGUMENT',
      'SUBJECT_NOT_FOUND',
      'ENROLLED_FACE_NOT_FOUND',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'IMAGE_EMPTY',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'SUBJECT_NOT_FOUND',
      'SUBJECT_HAS_NO_FACES',
      'SUBJECT_NOT_FOUND',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
      'COLLECTION_NOT_FOUND',
      'COLLECTION_NOT_SEARCHABLE',
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
    ]);
  });

  it('writes no crop and no template to disk that could be read', async () => {
    const collection = await newCollection();
    await enrol(`${collection}/subjects/ada`, [one]);
    const { embeddings } = await client.faceVerification.embed({ image: { content: one } });
    const floats = Buffer.from(Float32Array.from(embeddings[0]!.values).buffer);
    const key = Buffer.from(await readFile(join(server.dataFolder, 'encryption.key'), 'utf8'), 'base64');
    expect(key).toHaveLength(32);
    expect(() => createDecipheriv('aes-256-gcm', key, Buffer.alloc(12))).not.toThrow();
    const files = (
      await readdir(join(server.dataFolder, 'database'), { recursive: true, withFileTypes: true })
    ).filter((entry) => entry.isFile());
    let bytes = 0;
    for (const file of files) {
      const content = await readFile(join(file.parentPath, file.name));
      bytes += content.length;
      // What a stored crop begins with, and what a photograph would.
      for (const signature of ['WEBPVP8', 'JFIF', 'IHDR']) {
        expect(content.includes(signature), `${signature} in ${file.name}`).toBe(false);
      }
      for (let start = 0; start < floats.length - 16; start += 16) {
        expect(content.includes(floats.subarray(start, start + 16)), `a template in ${file.name}`).toBe(
          false,
        );
      }
    }
    expect(bytes).toBeGreaterThan(1_000_000);
  });
});
