import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const locked = { '': {}, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' } };

let project: string;
let elsewhere: string;

beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'symface-set-up-'));
  elsewhere = join(project, 'elsewhere');
  await mkdir(elsewhere);
  await mkdir(join(project, 'scripts'));
  await cp('scripts/set-up.mjs', join(project, 'scripts/set-up.mjs'));
  await writeFile(join(project, 'package-lock.json'), JSON.stringify({ packages: locked }));
  await symlink(elsewhere, join(project, 'node_modules'));
});

afterEach(async () => {
  await rm(project, { recursive: true });
});

/** What npm writes once it has installed; before the lock file was checked out, as in another work tree. */
async function installed(version: string): Promise<void> {
  const file = join(elsewhere, '.package-lock.json');
  const packages = { 'node_modules/a': { version, integrity: 'sha512-a' } };
  await writeFile(file, JSON.stringify({ packages }));
  await utimes(file, 0, 0);
}

async function install(): Promise<{ readonly failed: boolean; readonly said: string }> {
  const run = `import('./scripts/set-up.mjs').then((steps) => steps.installDependencies())`;
  // Without npm: nothing is installed whatever becomes of this.
  const env = { PATH: '', npm_execpath: join(project, 'no-npm.mjs') };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--eval', run], { cwd: project, env }, (error, out, err) => {
      resolve({ failed: error !== null, said: out + err });
    });
  });
}

describe('installing dependencies', () => {
  it('takes for installed what was installed by hand, at whatever time', async () => {
    await installed('1.0.0');
    expect(await install()).toEqual({ failed: false, said: '> Dependencies are installed.\n' });
  });

  it('says how long it will say nothing, the first time', async () => {
    await rm(join(project, 'node_modules'));
    const { said } = await install();
    expect(said).toMatch(
      /^> Installing dependencies \(npm ci\), which takes about half a minute the first time …$/mu,
    );
  });

  it('refuses to replace those behind a link', async () => {
    await installed('0.9.0');
    const { failed, said } = await install();
    expect(failed).toBe(true);
    expect(said).toContain('node_modules is a link');
    expect(await readdir(elsewhere)).toEqual(['.package-lock.json']);
  });
});
