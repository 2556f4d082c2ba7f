/** The inputs of ../shared/cases that folders, names, training data and images are about; its README says what should come out. */
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { runCommandLine } from '../../src/cli/program.js';
import { openIdentities, identityDataset } from '../../src/datasets/identities/identity-formats.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { sharedPath } from '../support/shared-data.js';
import { sharedService } from '../support/shared-servers.js';

const casesFolder = sharedPath('cases');
const isThere = existsSync(join(casesFolder, 'README.md'));
if (!isThere) console.log('skipped: cases of folders need ../shared/cases, which is absent');

interface Line {
  readonly file: string;
  readonly subject: string;
  readonly displayName?: string;
  readonly outcome: string;
  readonly reason?: string;
  readonly message?: string;
}

describe.skipIf(!isThere)('cases of folders, names, training data and images', () => {
  let folder: string;
  let server: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-cases-'));
    server = (await sharedService()).address;
    for (const name of ['folders', 'names'])
      await cp(join(casesFolder, name), join(folder, name), { recursive: true });
    // A link, as it was met: the copy of the cases holds where it led in a file.
    await rm(join(folder, 'folders/staff/dan'), { recursive: true });
    await symlink('../linked', join(folder, 'folders/staff/dan'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function run(...args: string[]) {
    const terminal = new RecordingTerminal();
    const exitCode = await runCommandLine([...args, '--server', server], terminal);
    return { exitCode, lines: terminal.json as Line[], err: terminal.errLines.join('\n') };
  }

  it('uses or counts every file of folders/staff, and enrols no thumbnail', async () => {
    const staff = join(folder, 'folders/staff');
    const { lines, err } = await run('enroll', '--by-folder', staff, '--collection', 'case-staff', '--json');
    const outcomes = Object.fromEntries(
      lines.map(({ file, outcome, reason = '' }) => [relative(staff, file), `${outcome} ${reason}`.trim()]),
    );
    expect(outcomes).toEqual({
      'ada/1.jpg': 'enrolled',
      'ada/._1.jpg': 'passed-over system-file',
      'ada/@eaDir/1.jpg/SYNOPHOTO_THUMB_M.jpg': 'passed-over system-file',
      'ada/Thumbs.db': 'passed-over system-file',
      'bob/1.bmp': 'enrolled',
      'bob/2.heic': 'refused IMAGE_FORMAT_UNSUPPORTED',
      'cyd/1.jfif': 'enrolled',
      'cyd/2.jpg': 'enrolled',
      'dan/1.jpg': 'enrolled',
    });
    const seen = await readdir(staff, { recursive: true, withFileTypes: true });
    // Of `dan` the one file behind the link.
    expect(lines).toHaveLength(seen.filter((entry) => !entry.isDirectory()).length);
    expect(err).toContain('The image is HEIC, which is not decoded here. Convert it to JPEG');
    expect(err).toMatch(
      /Seen: 9 files, 6 of them images; 3 files passed over: 3 hidden, or left by a system/u,
    );
  });

  it('enrols the names of names/staff under ids of their own', async () => {
    const staff = join(folder, 'names/staff');
    // All six have one photograph, which only one of them can be.
    const args = ['enroll', '--by-folder', staff, '--collection', 'case-names', '--json'];
    const { lines, exitCode } = await run(...args, '--allow-duplicates');
    expect(exitCode).toBe(0);
    const names = lines.map(({ displayName, subject }) => displayName ?? subject).sort();
    expect(names).toEqual(["O'Brien", 'Ada Lovelace', 'José', '[test]', 'plain', '张伟'].sort());
    expect(new Set(lines.map(({ subject }) => subject)).size).toBe(6);
    for (const { subject } of lines) expect(subject).toMatch(/^[A-Za-z0-9][A-Za-z0-9~-]*$/u);
  });

  it('says that one photograph is enrolled for several subjects, or several times', async () => {
    const photograph = join(folder, 'names/staff/plain/1.jpg');
    const enrol = (subject: string) =>
      run('enroll', subject, photograph, '--collection', 'case-twice', '--json');
    expect((await enrol('ada')).lines[0]).toMatchObject({ outcome: 'enrolled' });
    expect((await enrol('ada')).lines[0]).toMatchObject({ outcome: 'already-enrolled' });
    expect((await enrol('ada')).lines[0]).toMatchObject({ outcome: 'already-enrolled' });
    const other = await enrol('bob');
    expect(other.exitCode).toBe(2);
    expect(other.lines[0]).toMatchObject({ outcome: 'refused', reason: 'DUPLICATE_IMAGE' });
  });

  it.each([
    {
      file: 'gap.rec',
      says: /the labels 0 to \d+, with [1-9]\d* left out, are trained as the classes 0 to/u,
    },
    { file: 'from-one.rec', says: /the labels 1 to \d+, without a gap, are trained as the classes 0 to/u },
    { file: 'im2rec-no-final-newline.rec', says: undefined },
  ])('reads training/$file, and says what it maps', async ({ file, says }) => {
    const faces = await openIdentities('insightface-records', { path: join(casesFolder, 'training', file) });
    expect(faces.remarks?.join()).toEqual(says === undefined ? '' : expect.stringMatching(says));
    const classes = Array.from({ length: faces.faceCount }, (_, face) => faces.identityOf(face));
    expect(new Set(classes)).toEqual(new Set(faces.identities.keys()));
    const dataset = identityDataset(faces);
    for (let face = 0; face < faces.faceCount; face++)
      expect((await dataset.read(face)).length).toBeGreaterThan(0);
  });

  it('finds the face of images/no-eoi.jpg', async () => {
    const file = join(casesFolder, 'images/no-eoi.jpg');
    const end = (await readFile(file)).subarray(-2).toString('hex');
    expect(end).not.toBe('ffd9');
    const { exitCode, lines } = await run('detect', file, '--json');
    expect(exitCode).toBe(0);
    expect(lines[0]).toMatchObject({ faces: [{}] });
  });
});
