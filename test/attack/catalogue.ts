import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { Attack } from './attack.js';

const folder = new URL('attacks/', import.meta.url);

/** Every attack by its name, which is that of its file. */
export async function attackCatalogue(): Promise<ReadonlyMap<string, Attack>> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'));
  const attacks = await Promise.all(
    files.sort().map(async (file) => {
      const { default: attack } = (await import(new URL(file, folder).pathname)) as {
        readonly default: Attack;
      };
      return [basename(file, '.ts'), attack] as const;
    }),
  );
  return new Map(attacks);
}
