import { execFile } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Attack, hold, Skipped } from '../attack.js';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const models = fileURLToPath(new URL('../../../.symface/models', import.meta.url));
const toldWithinMs = 30_000;

export default {
  title: 'a start with few open files allowed: told in words, not as modules that are missing',
  isShort: false,
  hasOwnServices: true,
  limitSeconds: 150,
  run: async ({ newFolder }) => {
    if (process.platform === 'win32') throw new Skipped('there is no ulimit here');
    const folder = await newFolder();
    await cp(models, join(folder, 'models'), { recursive: true });
    for (const files of [64, 128, 256, 512]) {
      const said = await start(files, folder);
      hold(
        said.includes('ulimit -n') && said.includes(String(files)),
        `with ${files} files the start says ${said}`,
      );
    }
    return 'refused in words with 64, 128, 256 and 512 files';
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
