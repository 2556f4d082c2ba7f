import { basename, dirname, join, resolve } from 'node:path';

/**
 * Where data lies unless a setting says otherwise: in the package's folder, so that a checkout has its own; of a package
 * that npm installed, whose folder npm may empty, in the working folder.
 * @param packageFolder that of SymFace's package.json
 */
export function defaultDataFolder(packageFolder: string, workingFolder: string): string {
  const isInstalled = basename(dirname(resolve(packageFolder))) === 'node_modules';
  return join(isInstalled ? workingFolder : packageFolder, '.symface');
}
