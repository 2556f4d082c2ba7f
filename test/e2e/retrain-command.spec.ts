import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import { runCommandLine } from '../../src/cli/program.js';
import { openTestDatabase } from '../support/databases.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { isFullSuite } from '../support/full-suite.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { imageNetNetwork, smallManifest } from '../support/small-networks.js';
import { enrolTrainableFaces } from '../support/trainable-enrolments.js';

describe('symface retrain', () => {
  let server: RunningServer;
  let folder: string;

  const symface = async (...args: readonly string[]) => {
    const terminal = new RecordingTerminal();
    const code = await runCommandLine(['--server', server.address, ...args], terminal);
    return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-retrain-'));
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
    await writeFile(join(folder, 'small.json'), JSON.stringify(smallManifest));
    server = await startRunningServer({ SYMFACE_ENCRYPTION_KEY: testEncryptionKey }, async (dataFolder) => {
      const { database, keys } = await openTestDatabase({ databaseUrl: undefined, dataFolder });
      const faces = new EnrolledFaceStore(database, keys);
      await enrolTrainableFaces(new CollectionStore(database), faces, 6, 4);
      await database.close();
    });
  });

  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('refuses what cannot be trained, and too few faces, saying how many there are', async () => {
    const [detector = ''] = /retinaface-symface\S+/u.exec((await symface('models', 'list')).out) ?? [];
    const untrainable = await symface('retrain', '--model', detector);
    expect(untrainable.code).toBe(2);
    expect(untrainable.err).toMatch(/MODEL_NOT_TRAINABLE: .* cannot be fine-tuned: it is a detector/u);
    await symface('models', 'import', join(folder, 'small.onnx'), '--manifest', join(folder, 'small.json'));
    const model = await smallModel();
    const few = await symface('retrain', '--model', model);
    expect(few.code).toBe(2);
    expect(few.err).toContain('TRAINING_DATA_INSUFFICIENT: 6 identities have at least 2 faces');
    expect(few.err).toContain('20 are needed');
    const odd = await symface('retrain', '--model', model, '--batch-size', '5');
    expect(odd.err).toContain('policy.batch_size must be even where faces are split');
    expect((await symface('jobs', 'list')).out).not.toContain(model);
  });

  it('fine-tunes a backbone to a candidate, shows how both verify and what to do next', async () => {
    const model = await smallModel();
    const options = ['--model', model, '--min-identities', '6', '--batch-size', '6', '--epochs', '2'];
    const { code, out, err } = await symface(
      'retrain',
      ...options,
      '--share',
      '0.5',
      '--replay-identities',
      '0',
    );
    expect(out).toMatch(/policy .* replay of at most 0 identities, 0\.5 of the way$/mu);
    expect(err).toContain('Ctrl-C leaves it running');
    expect(out).toMatch(/^[0-9a-f-]{36}: succeeded$/mu);
    expect(out).toMatch(/faces {5}24 of 6 identities, 12 frontal; [23] identities held out/u);
    expect(out).toMatch(/HELD OUT +PARENT +CANDIDATE/u);
    expect(out).toMatch(/accuracy +\d+\.\d+ ± \d+\.\d+ % +\d/u);
    // Its assessment rejects it, having no threshold: the answer is no.
    expect(out).toMatch(/^[0-9a-f-]{36}: rejected$/mu);
    expect(out).toMatch(/next .*nothing need be done|next .*it has no threshold/u);
    expect(code).toBe(1);
    const candidate = /candidate (small-[0-9a-f]{12}),/u.exec(out)?.[1] ?? '';
    expect(candidate).not.toBe(model);
    const shown = await symface('models', 'show', candidate, '--json');
    expect(JSON.parse(shown.out)).toMatchObject({ manifest: { lineage: { parent: model, faceCount: 24 } } });
    const [id = ''] = /^[0-9a-f-]{36}/u.exec(out) ?? [];
    expect((await symface('jobs', 'list')).out).toMatch(
      new RegExp(`${id} +training +succeeded +${model} +${candidate} +anonymous`, 'u'),
    );
    expect((await symface('jobs', 'show', id)).out).toContain(`candidate ${candidate}`);
    expect((await symface('audit')).out).toContain('training.create');
    const page = join(folder, 'report.html');
    expect((await symface('jobs', 'report', id, '--output', page)).code).toBe(0);
    expect(await readFile(page, 'utf8')).toMatch(/^<!doctype html>[\s\S]*<\/html>\s*$/iu);
    const log = await symface('jobs', 'report', id, '--log');
    for (const line of log.out.split('\n')) expect(JSON.parse(line)).toBeTypeOf('object');
    const nowhere = await symface('jobs', 'report', id, '--output', join(folder, 'none', 'report.html'));
    expect(nowhere).toMatchObject({ code: 2, err: expect.stringContaining('Cannot write') as string });
  });

  it('finds how far to go, and says that there is nothing to gain', async () => {
    const model = await smallModel();
    const models = (await symface('models', 'list')).out;
    const options = ['--min-identities', '6', '--batch-size', '6', '--learning-rate', '1e-9', '--activate'];
    const { code, out } = await symface('retrain', '--model', model, ...options);
    expect(out).toMatch(/candidate none, nothing to gain by \d+ steps/u);
    expect(out).toMatch(/chosen .* at a false match rate of \S+; \d+ pairs of strangers cannot tell 1e-3/u);
    expect(out).toMatch(/> 0 +\d+\.\d\d % +\+0\.00 +\d+\.\d\d %$/mu);
    expect(out).toMatch(/ 0\.9 +\d+\.\d\d % +[+-]\d\.\d\d +-?\S+ to \S+ +\d/u);
    expect(out).toMatch(/next +nothing to do: small-/u);
    expect(code).toBe(0);
    expect((await symface('models', 'list')).out).toBe(models);
    expect((await symface('jobs', 'list')).out).toMatch(/training +succeeded +small-\S+ +nothing to gain/u);
  });

  it('runs one training of a model line at a time, and ends one that is cancelled', async () => {
    const model = await smallModel();
    const options = ['--model', model, '--min-identities', '6', '--epochs', '1000', '--detach'];
    const [id = ''] = /[0-9a-f-]{36}/u.exec((await symface('retrain', ...options)).out) ?? [];
    const second = await symface('retrain', ...options);
    expect(second.err).toContain('JOB_ALREADY_ACTIVE');
    const watching = symface('jobs', 'watch', id);
    expect((await symface('jobs', 'report', id)).err).toContain('TRAINING_REPORT_NOT_FOUND');
    await symface('jobs', 'cancel', id);
    const { code, out } = await watching;
    expect(out).toContain(`${id}: cancelled`);
    expect(code).toBe(2);
    expect(server.output()).not.toMatch(/error/iu);
  });

  it('keeps a schedule, and says what is wrong with one', async () => {
    expect((await symface('retrain', 'schedule', 'show')).err).toContain('SCHEDULE_NOT_FOUND');
    const wrong = await symface('retrain', 'schedule', 'set', '--cron', '0 3 * *');
    expect(wrong.err).toContain('cron must have five fields');
    const other = await symface('retrain', 'schedule', 'set', '--cron', '@daily', '--model', 'net');
    expect(other.err).toContain('takes no --model');
    const options = ['--cron', '0 3 * * 0', '--time-zone', 'Europe/Berlin', '--epochs', '2'];
    const weekly = await symface('retrain', 'schedule', 'set', ...options);
    expect(weekly.out).toMatch(
      /^at {8}"0 3 \* \* 0" in Europe\/Berlin, next \d{4}-\d\d-\d\d 0[12]:00 UTC$/mu,
    );
    expect(weekly.out).toMatch(/^policy {4}epochs 2$/mu);
    expect(weekly.out).toMatch(/^last {6}nothing was due yet$/mu);
    expect((await symface('retrain', 'schedule', 'remove')).code).toBe(0);
    expect((await symface('audit')).out).toMatch(/training-schedule\.delete/u);
  });

  // A due time is a full minute, which is up to a minute away.
  it.skipIf(!isFullSuite)(
    'tells why nothing came of a due time',
    async () => {
      await symface('retrain', 'schedule', 'set', '--cron', '* * * * *');
      // Too few are enrolled, so that the refusal is what is to be seen.
      const shown = async (): Promise<string> => (await symface('retrain', 'schedule', 'show')).out;
      await expect
        .poll(shown, { timeout: 110_000, interval: 1_000 })
        .toMatch(/^last .* TRAINING_DATA_INSUFFICIENT: /mu);
      expect((await symface('retrain', 'schedule', 'remove')).code).toBe(0);
    },
    120_000,
  );

  async function smallModel(): Promise<string> {
    const { out } = await symface('models', 'list');
    return /small-[0-9a-f]{12}/u.exec(out)?.[0] ?? '';
  }
});
