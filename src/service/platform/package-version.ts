import { readFileSync } from 'node:fs';

/** The version of this package, as package.json has it. */
export function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  const content = JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string };
  return content.version;
}
