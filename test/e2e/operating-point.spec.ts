import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { hasCelebrityFaces } from '../support/celebrity-faces.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { isFullSuite } from '../support/full-suite.js';
import { sharedPath } from '../support/shared-data.js';

const photographs = sharedPath('data', 'celeba299');
const [staffCount, otherCount] = [24, 40];
const [staffFaces, otherFaces] = [4, 7];

/** Copies some photographs of some persons to a folder, one folder a person. */
async function copyPersons(to: string, first: number, persons: number, faces: number): Promise<void> {
  const names = (await readdir(photographs)).sort().slice(first, first + persons);
  for (const name of names) {
    await mkdir(join(to, name), { recursive: true });
    const files = (await readdir(join(photographs, name))).sort().slice(0, faces);
    for (const file of files) await copyFile(join(photographs, name, file), join(to, name, file));
  }
}

// What README says to do on a fresh service, with the models that come with SymFace. It embeds some four hundred
// photographs and trains the backbone itself; `npm test` has the parts in test/integration and a small network's whole
// way in retrain-command.spec.
describe.skipIf(!isFullSuite || !hasCelebrityFaces('retraining at the rate in force'))(
  'retraining on a fresh service',
  () => {
    let server: RunningServer;
    let client: SymFaceClient;
    let folder: string;
    let candidate: string;

    const symface = async (...args: readonly string[]) => {
      const terminal = new RecordingTerminal();
      const code = await runCommandLine(['--server', server.address, ...args], terminal);
      return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
    };
    /** A photograph of a person that is not enrolled. */
    const probeOf = async (person: string) => {
      const file = (await readdir(join(photographs, person))).sort()[staffFaces + 1] ?? '';
      return { content: await readFile(join(photographs, person, file)) };
    };
    const ada = async () => (await readdir(join(folder, 'staff'))).sort()[0] ?? '';
    /** Whom a photograph of an enrolled person matches, and at which rate that was decided. */
    const decided = async () => {
      const image = await probeOf(await ada());
      const { candidates, threshold, modelVersion } = await client.faceVerification.identify({
        image,
        collection: 'collections/staff',
        maxCandidates: staffCount,
      });
      const matched = candidates
        .filter((found) => found.matched)
        .map(({ subject }) => subject.split('/').at(-1));
      const verified = await client.faceVerification.verifySubject({
        image,
        subject: `collections/staff/subjects/${await ada()}`,
      });
      const rates = [threshold!.falseMatchRate, verified.threshold!.falseMatchRate];
      return { matched, isHerself: verified.matched, rates, modelVersion };
    };

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'symface-fresh-'));
      await copyPersons(join(folder, 'staff'), 0, staffCount, staffFaces);
      await copyPersons(join(folder, 'others'), staffCount, otherCount, otherFaces);
      server = await startRunningServer();
      client = new SymFaceClient({ server: server.address, timeoutMs: 60_000 });
    });

    afterAll(async () => {
      client.close();
      await server.stop();
      await rm(folder, { recursive: true });
    });

    it('enrols people who consent, and calibrates the backbone by a folder of others', async () => {
      await symface('collections', 'create', 'staff', '--consent-by-default', 'yes');
      const enrolled = await symface('enroll', '--by-folder', join(folder, 'staff'), '--collection', 'staff');
      // Some show a second face, or one that is not fit to be enrolled.
      expect(Number(/Enrolled (\d+) of/u.exec(enrolled.out)?.[1]), enrolled.err).toBeGreaterThan(70);
      const before = await symface('operating-point');
      expect(before.out, before.err).toMatch(/^false match rate 1e-3: the default$/mu);
      const calibrated = await symface('calibrate', '--folder', join(folder, 'others'));
      expect(calibrated.out, calibrated.err).toMatch(/^ {2}1e-3 +0\.\d{4} /mu);
      // The same folder is the same data set.
      const again = await symface('calibrate', '--folder', join(folder, 'others'));
      expect(again.code, again.err).toBe(0);
      expect((await symface('benchmark', 'datasets')).out.split('\n')).toHaveLength(2);
    }, 240_000);

    it('trains a candidate that gets thresholds at the rate in force', async () => {
      const trained = await symface('retrain', '--learning-rate', '1e-6', '--share', '1');
      candidate = /candidate (mobilefacenet-symface-[0-9a-f]{12}),/u.exec(trained.out)?.[1] ?? '';
      expect(candidate, trained.out + trained.err).not.toBe('');
      const assessed = await symface(
        ...['models', 'assess', candidate, '--held-out', 'not-worse', '--max-latency', '100'],
      );
      expect(assessed.out).toMatch(
        /pass +calibration +threshold 0\.\d{4} at a false match rate of 1e-3 on others-[0-9a-f]{8}/u,
      );
      expect(assessed.code, assessed.out).toBe(0);
    }, 240_000);

    it('decides at the same rate before and after, and an enrolled person matches only herself', async () => {
      const before = await decided();
      expect(before).toMatchObject({ matched: [await ada()], isHerself: true, rates: [1e-3, 1e-3] });
      const activated = await symface('models', 'activate', candidate);
      expect(activated.code, activated.err).toBe(0);
      expect(await decided()).toEqual({ ...before, modelVersion: candidate });
      expect((await symface('operating-point')).out).toMatch(
        new RegExp(
          `^false match rate 1e-3: the default\\n {2}${candidate}: each pair has the threshold for photographs`,
          'u',
        ),
      );
    }, 120_000);

    it.each([
      [[], 'Say what to calibrate by: --folder <folder>, --enrolled, or --benchmark <id>.'],
      [['--enrolled', '--benchmark', 'x'], 'Say what to calibrate by'],
      [['--benchmark', 'x', '--model', 'm'], 'a benchmark is of one model already'],
      [['--folder', 'x', '--enrolled'], 'Say what to calibrate by'],
      [['--folder', 'x', '--collection', 'staff'], '--collection goes with --enrolled.'],
      [['--enrolled', '--aligned'], '--aligned goes with --folder.'],
      [['--folder', '/nowhere'], 'DATASET_INVALID: nowhere: cannot be read'],
      [['--enrolled', '--collection', 'none'], 'COLLECTION_NOT_FOUND'],
    ])('says what is wrong with calibrate %j', async (options, message) => {
      const { code, err } = await symface('calibrate', ...options);
      expect(err).toContain(message);
      expect(code).toBe(2);
    });

    it('calibrates by the enrolled faces too, and says whom that would not be true of', async () => {
      const few = await symface('calibrate', '--enrolled', '--collection', 'staff');
      expect(few.err).toMatch(
        /CALIBRATION_UNSUPPORTED: .* 30000 impostor pairs .* \d\d enrolled faces of 24 subjects has [34]\d\d\d,/u,
      );
      // Somebody is enrolled a second time.
      const person = join(photographs, await ada());
      const files = (await readdir(person)).sort().slice(staffFaces + 2, 2 * staffFaces + 2);
      const paths = files.map((file) => join(person, file));
      await symface('enroll', 'a-second-time', ...paths, '--collection', 'staff');
      const kept = await symface(
        'calibrate',
        '--enrolled',
        '--collection',
        'staff',
        '--allow-unsupported-rate',
      );
      expect(kept.code, kept.err).toBe(0);
      expect(kept.out).toMatch(/^\d+ faces of 25 subjects$/mu);
      const [, suspects = '0'] = /^(\d+) pairs of two subjects are of one person/mu.exec(kept.err) ?? [];
      expect(Number(suspects)).toBeGreaterThanOrEqual(2);
      expect(kept.out + kept.err).not.toContain('a-second-time');
    }, 120_000);
  },
);
