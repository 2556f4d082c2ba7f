import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import {
  photographOfAnotherPerson,
  photographOfNobody,
  photographOfOnePerson,
  secondPhotographOfThatPerson,
} from '../support/npm-photographs.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type SharedService, sharedService } from '../support/shared-servers.js';

let server: SharedService;
let folder: string;
let people: string;
let probe: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-enrol-'));
  people = join(folder, 'people');
  probe = join(folder, 'probe.jpg');
  await mkdir(join(people, 'ada'), { recursive: true });
  await mkdir(join(people, 'bob'));
  const one = await photographOfOnePerson();
  await Promise.all([
    writeFile(join(people, 'ada', '1.jpg'), one),
    writeFile(join(people, 'ada', '2.jpg'), await secondPhotographOfThatPerson()),
    writeFile(join(people, 'ada', 'notes.txt'), 'no image'),
    writeFile(join(people, 'bob', '1.jpg'), await photographOfAnotherPerson()),
    writeFile(join(people, 'bob', 'nobody.jpg'), await photographOfNobody()),
    writeFile(probe, await secondPhotographOfThatPerson()),
  ]);
  server = await sharedService();
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function run(...args: string[]) {
  const terminal = new RecordingTerminal();
  const exitCode = await runCommandLine([...args, '--server', server.address], terminal);
  return { exitCode, out: terminal.outLines, err: terminal.errLines.join('\n'), terminal };
}

const faceCount = async (collection: string): Promise<unknown> => {
  const { terminal } = await run('collections', 'show', collection, '--json');
  return (terminal.json[0] as { faceCount: unknown }).faceCount;
};

describe('symface enroll', () => {
  it('enrols files and folders of one subject, and creates what is missing', async () => {
    const { exitCode, out, err } = await run('enroll', 'ada', join(people, 'ada'), probe);
    expect(exitCode).toBe(0);
    expect(err).toContain('Created the collection faces.');
    // The probe is Ada's second photograph.
    expect(out[0]).toMatch(
      /^Enrolled 2 of 3 images in \d+\.\d s, 1 had been already; 0 refused, 0 failed\.$/u,
    );
    expect(await faceCount('faces')).toBe(2);
  });

  it('enrols a folder of subjects, reports refusals, and goes on where it was interrupted', async () => {
    const report = join(folder, 'report.jsonl');
    const args = ['enroll', '--by-folder', people, '--collection', 'staff', '--report', report];
    const first = await run(...args);
    expect(first.exitCode).toBe(2);
    expect(first.out[0]).toContain('Enrolled 3 of 4 images');
    expect(first.err).toMatch(/nobody\.jpg: FACE_NOT_FOUND: /u);
    const lines = (await readFile(report, 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(6);
    expect(JSON.parse(lines[1]!)).toMatchObject({ outcome: 'passed-over', reason: 'not-an-image' });
    expect(first.out[1]).toMatch(
      /^Seen: 5 files, 4 of them images; 1 file passed over: 1 no image \(.*notes\.txt\)\.$/u,
    );

    expect((await run(...args)).err).toContain('--resume');
    const done = await run(...args, '--resume');
    expect(done.out[0]).toContain('Enrolled 0 of 0 images');
    expect(done.out[0]).toContain('4 were done before');

    // As after a kill: the last line was cut and the two before it are not there, though all was enrolled.
    await writeFile(report, `${lines.slice(0, 3).join('\n')}\n${lines[3]!.slice(0, 10)}`);
    const resumed = await run(...args, '--resume');
    expect(resumed.out[0]).toContain('1 were done before');
    expect(await faceCount('staff')).toBe(3);
    const settled = await run(...args, '--resume');
    expect(settled.out[0]).toContain('4 were done before');
  });

  it('enrols folders whose names are no ids under ones that are made of them', async () => {
    const named = join(folder, 'named');
    await mkdir(join(named, '张伟'), { recursive: true });
    await writeFile(join(named, '张伟', 'photograph'), await photographOfAnotherPerson());
    const args = ['enroll', '--by-folder', named, '--collection', 'named'];
    const first = await run(...args, '--json');
    expect(first.exitCode).toBe(0);
    expect(first.err).toMatch(/Enrolling "张伟" as subject~[0-9a-f]{12}\./u);
    const [{ subject }] = first.terminal.json as [{ subject: string }];
    expect(first.terminal.json).toEqual([
      expect.objectContaining({ displayName: '张伟', outcome: 'enrolled' }),
    ]);
    const photograph = join(named, '张伟', 'photograph');
    expect((await run('identify', photograph, '--collection', 'named')).out.join('\n')).toContain(
      `${subject} (张伟)`,
    );
    expect((await run('subjects', 'list', '--collection', 'named')).out.join('\n')).toMatch(/张伟$/u);
    await run('enroll', 'zoe', photograph, '--collection', 'zoes', '--display-name', 'Zoë');
    expect((await run('subjects', 'show', 'zoe', '--collection', 'zoes')).out[0]).toBe('zoe (Zoë)');
  });

  it.each([
    { args: ['enroll', 'ada'], says: 'Name the photographs' },
    { args: ['enroll', 'a/b', 'x.jpg'], says: 'The subject must be' },
    { args: ['enroll', 'ada', 'no-such.jpg'], says: 'Cannot read no-such.jpg (ENOENT)' },
    { args: ['enroll', '--by-folder', 'package.json'], says: 'is no folder' },
    { args: ['enroll', '--by-folder', 'proto'], says: 'no image' },
    { args: ['enroll', 'ada', 'src', '--resume'], says: 'There is no image in the folder src' },
  ])('says what is wrong with $args', async ({ args, says }) => {
    const { exitCode, err } = await run(...args);
    expect(exitCode).toBe(2);
    expect(err).toContain(says);
  });

  it('refuses a report that is not its own', async () => {
    const report = join(folder, 'other.jsonl');
    await writeFile(report, 'nonsense\n');
    const args = ['enroll', 'ada', probe, '--report', report, '--resume'];
    expect((await run(...args)).err).toContain('is no report');
    expect((await run('enroll', 'ada', probe, '--resume')).err).toContain('--report');
  });
});

describe('the other commands on enrolled subjects', () => {
  it('verify and identify by exit status and by name', async () => {
    expect((await run('verify', probe, '--subject', 'ada', '--collection', 'staff')).exitCode).toBe(0);
    expect((await run('verify', probe, '--subject', 'bob', '--collection', 'staff')).exitCode).toBe(1);
    const { out, terminal } = await run('identify', probe, '--collection', 'staff', '--json', '--top', '1');
    expect(out).toHaveLength(1);
    expect(terminal.json[0]).toMatchObject({ candidates: [{ subjectId: 'ada', matched: true }] });
    expect((await run('identify', probe, '--collection', 'staff')).out.join('\n')).toMatch(
      /MATCH +[01]\.\d+ +threshold [01]\.\d+ {2}ada/u,
    );
    expect((await run('identify', probe, '--collection', 'none')).err).toContain('symface collections list');
  });

  it('list, change and delete', async () => {
    expect((await run('subjects', 'list', '--collection', 'staff')).out.join('\n')).toMatch(/ada +2 +no/u);
    expect((await run('subjects', 'consent', 'ada', 'yes', '--collection', 'staff')).exitCode).toBe(0);
    expect((await run('subjects', 'consent', 'ada', 'perhaps')).exitCode).toBe(2);
    expect((await run('subjects', 'show', 'ada', '--collection', 'staff')).out).toEqual([
      'ada',
      '  faces 2, consent to train yes',
      expect.stringMatching(/^ {2}created \S+ \S+, changed \S+ \S+$/u),
    ]);
    const { terminal } = await run('faces', 'list', 'ada', '--collection', 'staff', '--json');
    expect(terminal.json).toHaveLength(2);
    const [{ name }] = terminal.json as [{ name: string }];
    expect((await run('faces', 'delete', name)).out[0]).toContain('1 face,');
    expect((await run('subjects', 'delete', 'ada', '--collection', 'staff')).out[0]).toContain(
      '1 subject, 1 face',
    );
    await run('collections', 'create', 'gated', '--min-rho', '0.5', '--consent-by-default', 'yes');
    expect((await run('collections', 'show', 'gated')).out).toContain(
      '  consent to train where nobody says: yes',
    );
    await run('collections', 'update', 'gated', '--consent-by-default', 'no');
    expect((await run('collections', 'show', 'gated')).out.join('\n')).toContain('minimumRho 0.5');
    expect(
      (await run('collections', 'update', 'gated', '--max-yaw', '20', '--json')).terminal.json[0],
    ).toMatchObject({
      defaultConsentToTrain: false,
      qualityGate: { maximumYawDegrees: 20 },
    });
    expect((await run('collections', 'list')).out.join('\n')).toMatch(/staff +1 +1/u);
    expect((await run('collections', 'delete', 'staff')).out[0]).toContain('Deleted 1 subject, 1 face');
    // Others use the service, too.
    expect((await run('audit', '--limit', '1')).out).toHaveLength(1);
    expect((await run('audit', '--limit', '50')).out.join('\n')).toContain(
      'collection.delete  collections/staff',
    );
  });

  it('make, list and revoke keys', async () => {
    const { terminal } = await run('keys', 'create', '--tenant', 'acme', '--display-name', 'door', '--json');
    const [{ id, secret }] = terminal.json as [{ id: string; secret: string }];
    expect(secret).toMatch(/^sfk_/u);
    expect((await run('keys', 'list')).out.join('\n')).toMatch(
      new RegExp(`${id} +client +acme +\\S+ \\S+ +- +unlimited +door`),
    );
    expect((await run('keys', 'revoke', id)).exitCode).toBe(0);
    expect((await run('keys', 'list')).out.join('\n')).not.toMatch(/ - +door/u);
  });

  it('keep keys from travelling in plaintext to other machines', async () => {
    const terminal = new RecordingTerminal();
    const args = ['models', 'list', '--server', 'face.example:50051', '--api-key', 'sfk_x'];
    expect(await runCommandLine(args, terminal)).toBe(2);
    expect(terminal.errLines[0]).toContain('--tls');
  });
});
