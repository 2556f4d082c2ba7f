import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Makes a key beside the stopped service, as an operator does. @param settings of the service @returns its secret */
export async function createKeyOffline(
  dataFolder: string,
  role: 'admin' | 'client',
  tenant = 'default',
  settings: Readonly<Record<string, string>> = {},
): Promise<string> {
  const args = [command, 'keys', 'create', '--offline', '--role', role, '--tenant', tenant];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    env: { ...process.env, SYMFACE_DATA_DIR: dataFolder, ...settings },
  });
  return stdout.trim();
}
