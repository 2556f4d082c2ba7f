import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import { runCommandLine } from '../../src/cli/program.js';
import { openTestDatabase } from '../support/databases.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { imageNetNetwork, smallManifest } from '../support/small-networks.js';
import { enrolTrainableFaces } from '../support/trainable-enrolments.js';
import { pictureOf } from '../support/training-images.js';

const imageCount = 40;
const persons = 20;

/** Aligned crops of made-up persons: 760 impostor pairs support thresholds at a false match rate of a tenth, and at no lower one. */
async function writePairs(folder: string): Promise<string> {
  for (let image = 0; image < imageCount; image++) {
    await writeFile(join(folder, `${image}.png`), await encodePng(pictureOf(image)));
  }
  const pairs: string[] = ['image_a,image_b,same,identity_a,identity_b'];
  for (let first = 0; first < imageCount; first++) {
    for (let second = first + 1; second < imageCount; second++) {
      const isSame = first % persons === second % persons;
      if (!isSame && pairs.length > 330) continue;
      const [one, other] = [first % persons, second % persons];
      pairs.push(`${first}.png,${second}.png,${Number(isSame)},${one},${other}`);
    }
  }
  const path = join(folder, 'pairs.csv');
  await writeFile(path, pairs.join('\n'));
  return path;
}

describe('symface models assess', () => {
  let server: RunningServer;
  let folder: string;
  let parent: string;
  let imported: { readonly code: number; readonly err: string };
  let candidate: string;

  const symface = async (...args: readonly string[]) => {
    const terminal = new RecordingTerminal();
    const code = await runCommandLine(['--server', server.address, ...args], terminal);
    return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
  };
  const served = async (): Promise<string> =>
    /^\* *(small-[0-9a-f]{12})/mu.exec((await symface('models', 'list')).out)?.[1] ?? '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-assess-'));
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
    await writeFile(join(folder, 'small.json'), JSON.stringify(smallManifest));
    const pairs = await writePairs(folder);
    server = await startRunningServer({ SYMFACE_ENCRYPTION_KEY: testEncryptionKey }, async (dataFolder) => {
      const { database, keys } = await openTestDatabase({ databaseUrl: undefined, dataFolder });
      const faces = new EnrolledFaceStore(database, keys);
      await enrolTrainableFaces(new CollectionStore(database), faces, 8, 4);
      await database.close();
    });
    const [graph, json] = ['small.onnx', 'small.json'].map((name) => join(folder, name));
    imported = await symface('models', 'import', graph!, '--manifest', json!, '--activate');
    await symface('models', 'import', graph!, '--manifest', json!, '--activate', '--without-threshold');
    await symface('benchmark', 'register', 'made-up', pairs, '--format', 'csv', '--aligned');
    parent = await served();
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('has nothing serve without a threshold at the rate in force but by name', async () => {
    expect(imported.code).toBe(2);
    expect(imported.err).toContain(
      `MODEL_NOT_CALIBRATED: The service decides at a false match rate of 1e-3, and ${parent} has thresholds at none.`,
    );
    expect((await symface('audit')).out).toMatch(
      new RegExp(`model\\.activate .*${parent}.*without_threshold`, 'u'),
    );
  });

  it('follows a training, rejects what has no threshold, and keeps it from serving', async () => {
    // So small a rate changes next to nothing: what follows is the same on every machine.
    const training = ['--min-identities', '8', '--batch-size', '6', '--learning-rate', '1e-9'];
    const { code, out, err } = await symface('retrain', ...training, '--share', '1');
    expect(code, err).toBe(1);
    candidate = /candidate (small-[0-9a-f]{12}),/u.exec(out)?.[1] ?? '';
    expect(candidate).not.toBe(parent);
    expect(out).toMatch(/^[0-9a-f-]{36}: rejected$/mu);
    expect(out).toContain(`candidate ${candidate} beside ${parent}, asked for by anonymous`);
    expect(out).toMatch(/held out +\d+ +accuracy +\d+\.\d+ ± \d+\.\d+ %/u);
    expect(out).toMatch(/FAIL +held-out +accuracy on \d+ faces of [2-8] identities \+0\.00 points/u);
    expect(out).toMatch(/pass +benchmark made-up +accuracy/u);
    expect(out).toMatch(/pass +latency/u);
    expect(out).toMatch(
      /FAIL +calibration +no threshold: the false match rate in force, 1e-3, needs 30000 impostor pairs; made-up has 760, \d+ enrolled faces of [2-8] persons held out has \d+ /u,
    );
    const refused = await symface('models', 'activate', candidate);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain(`MODEL_REJECTED: ${candidate} did not pass its assessment: held-out: `);
    expect(await served()).toBe(parent);
  });

  it('has no rate in force that the serving model has no threshold at', async () => {
    const [, run = ''] =
      new RegExp(`([0-9a-f-]{36}) +made-up +${parent}`, 'u').exec((await symface('benchmark', 'list')).out) ??
      [];
    const unsupported = await symface('calibrate', '--benchmark', run);
    expect(unsupported.err).toMatch(/CALIBRATION_UNSUPPORTED: .* 30000 impostor pairs .* 760/u);
    expect((await symface('operating-point', '--fmr', '1e-1')).err).toMatch(
      new RegExp(`THRESHOLD_NOT_CALIBRATED: ${parent}, which serves, was not calibrated`, 'u'),
    );
    const calibrated = await symface('calibrate', '--benchmark', run, '--allow-unsupported-rate');
    expect(calibrated.out, calibrated.err).toMatch(/^ {2}1e-1 +-?\d\.\d{4}/mu);
    expect((await symface('operating-point', '--fmr', '1e-2')).err).toContain('of 1e-1, not of 0.01');
    const set = await symface('operating-point', '--fmr', '1e-1');
    expect(set.out, set.err).toMatch(
      new RegExp(
        `^false match rate 1e-1: set by anonymous, .*\n {2}${parent}: each pair has the threshold for photographs`,
        'u',
      ),
    );
    expect((await symface('audit')).out).toMatch(/operating-point\.set .*0\.1.*0\.001/u);
  });

  it('passes it by another policy, gives it thresholds at the rate in force and activates it', async () => {
    const policy = ['--held-out', 'not-worse', '--dataset', 'made-up', '--max-latency', '100'];
    const { code, out, err } = await symface('models', 'assess', candidate, ...policy, '--activate');
    expect(code, out + err).toBe(0);
    expect(out).toMatch(/pass +calibration +threshold -?\d\.\d+ at a false match rate of 1e-1 on made-up/u);
    const [, activation = ''] = /activation ([0-9a-f-]{36})/u.exec(out) ?? [];
    await expect
      .poll(async () => (await symface('jobs', 'list', '--kind', 'activation')).out, { timeout: 30_000 })
      .toMatch(new RegExp(`${activation} +activation +succeeded +${candidate}`, 'u'));
    await expect.poll(served, { timeout: 10_000 }).toBe(candidate);
    await expect
      .poll(async () => (await symface('operating-point')).out, { timeout: 10_000 })
      .toMatch(new RegExp(`^false match rate 1e-1: .*\\n {2}${candidate}: each pair has the threshold`, 'u'));
    const again = await symface('models', 'assess', candidate);
    expect(again.err).toContain('serves already');
    const listed = await symface('jobs', 'list', '--kind', 'assessment', '--model', candidate);
    expect(listed.out.split('\n').map((line) => line.split(/ +/u)[4])).toEqual([
      'RESULT',
      'passed',
      'rejected',
    ]);
    expect((await symface('benchmark', 'list')).out).toMatch(new RegExp(`made-up +${candidate}`, 'u'));
    expect((await symface('audit')).out).toMatch(/assessment\.create/u);
    const metrics = await (await fetch(`${server.httpUrl}/metrics`)).text();
    expect(metrics).toContain('symface_assessments{verdict="passed"} 1');
    expect(metrics).toContain('symface_assessments{verdict="rejected"} 1');
  });

  it('counts beside the model that serves only, and a roll-back needs none', async () => {
    const { err } = await symface('models', 'roll-back');
    await expect.poll(served).toBe(parent);
    // It was calibrated at the rate in force above.
    expect(err).not.toContain('has no calibrated threshold');
    // Passed beside the parent, which serves again.
    const again = await symface('models', 'activate', candidate);
    expect(again.code, again.err).toBe(0);
    const shipped =
      /mobilefacenet-symface-[0-9a-f]{12}/u.exec((await symface('models', 'list')).out)?.[0] ?? '';
    const original = await symface('models', 'activate', shipped, '--without-threshold');
    expect(original.code, original.err).toBe(0);
    const other = await symface('models', 'activate', candidate);
    expect(other.err).toContain(`MODEL_NOT_ASSESSED: ${candidate} was assessed beside ${parent}`);
    expect((await symface('models', 'activate', candidate, '--unassessed')).code).toBe(0);
    expect((await symface('audit')).out).toMatch(/model\.activate .*skip_assessment/u);
    await symface('models', 'activate', parent);
  });

  it('has a candidate decide live calls in the shadow, and says how often it differs', async () => {
    expect(await served()).toBe(parent);
    const refused = await symface('models', 'shadow', 'start', parent);
    expect(refused.err).toContain('serves already');
    const started = await symface('models', 'shadow', 'start', candidate, '--share', '1');
    expect(started.out, started.err).toBe(`${candidate} decides 100 % of the calls.`);
    const content = await readFile(join(folder, '0.png'));
    const other = await readFile(join(folder, '1.png'));
    const kind = 'IMAGE_KIND_ALIGNED_CROP' as const;
    const client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
    const verify = async (imageB: Buffer, threshold = {}) =>
      client.faceVerification.verify({
        imageA: { content, kind },
        imageB: { content: imageB, kind },
        // They show nobody.
        quality: { allowLowQuality: true },
        ...threshold,
      });
    // A threshold of the request's is another model's business: such calls are left out.
    const { operatingPoint } = await client.benchmark.getOperatingPoint({});
    const own = { similarityThreshold: operatingPoint!.similarityThreshold! };
    expect(await verify(content, own)).toMatchObject({ matched: true });
    expect(await verify(content)).toMatchObject({ matched: true, modelVersion: parent });
    // One of the two is in hand at least; of each pair both models think the same.
    await expect
      .poll(
        async () => {
          const same = await verify(content);
          expect(same).toMatchObject({ matched: true, modelVersion: parent });
          await verify(other);
          await verify(content, own);
          return (await client.assessment.listShadows({})).shadows[0]?.matchedByBothCount;
        },
        { timeout: 60_000, interval: 500 },
      )
      .toBeGreaterThan(0);
    client.close();
    const stopped = await symface('models', 'shadow', 'stop');
    expect(stopped.out).toMatch(
      new RegExp(`${candidate} +stopped +100\\.00 % +\\d+ +0\\.00 % \\(0\\.00 % to`, 'u'),
    );
    expect((await symface('models', 'shadow', 'stop')).out).toBe('No candidate is in the shadow.');
    expect((await symface('audit')).out).toMatch(/shadow\.stop/u);
  });

  it('goes on where a killed gateway left it, with the benchmarks it has', async () => {
    const started = await symface('models', 'assess', candidate, '--detach');
    const [id = ''] = /[0-9a-f-]{36}/u.exec(started.out) ?? [];
    expect((await symface('models', 'assess', candidate)).err).toContain('JOB_ALREADY_ACTIVE');
    server = await server.killAndRestart();
    await expect
      .poll(async () => (await symface('jobs', 'show', id)).out, { timeout: 30_000 })
      .toContain(`${id}: rejected`);
    expect(server.output()).not.toMatch(/"level":"?(?:error|50)/u);
  });
});
