// The catalogues of what is added by adding a file: a module that exports what each file of a folder defines, under the
// file's name in camel case. The list is in no file that is written by hand, and TypeScript checks every entry.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sourceFolder = fileURLToPath(new URL('../src', import.meta.url));

const catalogues = [
  { module: 'face-losses', folder: 'learning/losses/face', list: 'faceLossesByFile' },
  { module: 'backbone-designs', folder: 'learning/backbones/designs', list: 'backboneDesignsByFile' },
  { module: 'identity-formats', folder: 'datasets/identities/formats', list: 'identityFormatsByFile' },
  {
    module: 'verification-formats',
    folder: 'datasets/verification/formats',
    list: 'verificationFormatsByFile',
  },
];

/** Writes src/generated/{module}.ts for each catalogue. */
export function generateCatalogues() {
  for (const catalogue of catalogues) {
    writeFileSync(join(sourceFolder, 'generated', `${catalogue.module}.ts`), catalogueOf(catalogue));
  }
}

function catalogueOf({ folder, list }) {
  const files = readdirSync(join(sourceFolder, folder)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  const names = files.sort().map((file) => file.slice(0, -'.ts'.length));
  const imports = names.map((name) => `import { ${camelCase(name)} } from '../${folder}/${name}.js';`);
  return [
    `// Made by \`npm run generate\` of the files in src/${folder}.`,
    ...imports,
    '',
    `export const ${list} = [${names.map(camelCase).join(', ')}] as const;`,
    '',
  ].join('\n');
}

/** @param name a file's, in kebab case */
function camelCase(name) {
  return name.replaceAll(/-([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}
