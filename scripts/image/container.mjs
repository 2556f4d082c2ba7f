// A container without Docker: the image's files as a read-only root, in a mount namespace of its own, with the network of this
// machine. Only the data folder and /tmp can be written.
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsOf } from './build.mjs';

/** Any user of group 0: one that the image knows nothing of. */
const user = { uid: 123_456, gid: 0 };

const mountAndStart = `
set -eu
mount --bind "$ROOT" "$ROOT"
mount -o remount,bind,ro "$ROOT"
mount --rbind /proc "$ROOT/proc"
mount --rbind /dev "$ROOT/dev"
mount -t tmpfs -o mode=1777 tmpfs "$ROOT/tmp"
mount --bind "$DATA" "$ROOT/var/lib/symface"
mount --bind "$SECRETS" "$ROOT/run/secrets"
exec chroot --userspec=${user.uid}:${user.gid} --groups=${user.gid} "$ROOT" /usr/bin/env -i "$@"`;

/** Folders for data and secrets, of group 0 as Kubernetes makes them, for as long as a function runs. */
export async function withFolders(use) {
  const [data, secrets] = ['data', 'secrets'].map((name) =>
    mkdtempSync(join(tmpdir(), `symface-image-${name}-`)),
  );
  chmodSync(data, 0o2770);
  try {
    await use({ data, secrets });
  } finally {
    for (const folder of [data, secrets]) rmSync(folder, { recursive: true });
  }
}

/**
 * Starts the image's entry point, or another program in its place.
 * @param {{ data: string, secrets: string }} folders what lies at /var/lib/symface and /run/secrets
 * @param {{ env?: Record<string, string>, command?: string[], entryPoint?: string[] }} options
 */
export function startContainer(root, tag, folders, options = {}) {
  const { data, secrets } = folders;
  const image = settingsOf(tag);
  const { env = {}, entryPoint = image.entryPoint, command = image.command } = options;
  mkdirSync(join(root, 'run/secrets'), { recursive: true });
  const variables = [...image.env, ...Object.entries(env).map(([name, value]) => `${name}=${value}`)];
  const inFolder = ['sh', '-c', `cd ${image.workingFolder} && exec "$@"`, 'sh'];
  const args = [...variables, ...inFolder, ...entryPoint, ...command];
  const script = ['--mount', 'sh', '-c', mountAndStart, 'sh', ...args];
  const child = spawn('unshare', script, {
    env: { PATH: process.env.PATH, ROOT: root, DATA: data, SECRETS: secrets },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    output += text;
  });
  const ended = new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code: code ?? signal, output: output.trim() }));
  });
  return { child, ended };
}
