import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { openFileCount } from '../../support/process-measures.js';
import { type Attack, hold, type Scene, Skipped } from '../attack.js';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const models = fileURLToPath(new URL('../../../.symface/models', import.meta.url));
const toldWithinMs = 30_000;
/** The fewest that it starts with. */
const fewestFiles = 1_024;
/** It looks at its own memory every ten seconds, for which Node opens a file. */
const memoryLookMs = 11_000;

export default {
  title:
    'few open files allowed: a start is told why in words, and connections that say nothing do not take them all',
  isShort: false,
  hasOwnServices: true,
  limitSeconds: 240,
  run: async (scene) => {
    if (process.platform === 'win32') throw new Skipped('there is no ulimit here');
    const folder = await scene.newFolder();
    await cp(models, join(folder, 'models'), { recursive: true });
    for (const files of [64, 128, 256, 512]) {
      const said = await start(files, folder);
      hold(
        said.includes('ulimit -n') && said.includes(String(files)),
        `with ${files} files the start says ${said}`,
      );
    }
    return `refused in words with 64, 128, 256 and 512 files; ${await silentConnections(scene)}`;
  },
} satisfies Attack;

/** @returns what a start says that may open so many files */
async function start(files: number, folder: string): Promise<string> {
  const environment = { SYMFACE_DATA_DIR: folder, SYMFACE_GRPC_PORT: '0', SYMFACE_HTTP_PORT: '0' };
  return new Promise((resolve) => {
    execFile(
      '/bin/sh',
      ['-c', `ulimit -n ${files}; exec "$0" "$@"`, process.execPath, command, 'serve'],
      { env: { ...process.env, ...environment }, timeout: toldWithinMs },
      (error, stdout, stderr) => {
        const end = error?.killed === true ? `nothing within ${toldWithinMs / 1000} s; ` : '';
        resolve(`${end}${stdout}${stderr}`.slice(-600));
      },
    );
  });
}

/** Connections to both ports, more than the process may open files, on which nothing is said. */
async function silentConnections({ startTarget, photographs, afterwards }: Scene): Promise<string> {
  const target = await startTarget({
    launcher: ['/bin/sh', '-c', `ulimit -n ${fewestFiles}; exec "$0" "$@"`],
  });
  const open: Socket[] = [];
  afterwards(() => {
    for (const socket of open) socket.destroy();
  });
  for (const place of [target.server.address, new URL(target.server.httpUrl).host]) {
    const [host, port] = place.split(':');
    for (let count = 0; count < fewestFiles; count++)
      open.push(
        connect(Number(port), host)
          .on('error', () => undefined)
          .resume(),
      );
    await sleep(500);
  }
  await sleep(memoryLookMs);
  const files = openFileCount(target.server.process.pid ?? 0);
  const image = { content: photographs.person };
  const seen = await target
    .client()
    .faceVerification.detectFaces({ image })
    .then(({ faces }) => `${faces.length} faces`, String);
  hold(seen === '1 faces', `with ${files} of ${fewestFiles} files open an ordinary client is told ${seen}`);
  hold(files < fewestFiles - 200, `${files} of ${fewestFiles} files are open`);
  await target.stop();
  return `served beside ${open.length} connections that say nothing, with ${files} of ${fewestFiles} files open`;
}
