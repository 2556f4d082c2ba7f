// The catalogues of what is added by adding a file: a module that exports what each file of a folder defines, under the
// file's name in camel case. The list is in no file that is written by hand, and TypeScript checks every entry.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const sourceFolder = fileURLToPath(new URL('../src', import.meta.url));

/** By the module that is written, which is not committed: the folder that it lists, and what the list is called. */
const catalogues = {
  'learning/generated/face-losses': { folder: 'learning/losses/face', list: 'faceLossesByFile' },
  'learning/generated/symmetry-terms': {
    folder: 'learning/losses/symmetry',
    list: 'symmetryTermsByFile',
  },
  'learning/generated/backbone-designs': {
    folder: 'learning/backbones/designs',
    list: 'backboneDesignsByFile',
  },
  'datasets/generated/identity-formats': {
    folder: 'datasets/identities/formats',
    list: 'identityFormatsByFile',
  },
  'datasets/generated/verification-formats': {
    folder: 'datasets/verification/formats',
    list: 'verificationFormatsByFile',
  },
};

export function generateCatalogues() {
  for (const [module, catalogue] of Object.entries(catalogues)) {
    const file = join(sourceFolder, `${module}.ts`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, catalogueOf(dirname(module), catalogue));
  }
}

/** @param from the folder of the module, below src */
function catalogueOf(from, { folder, list }) {
  const files = readdirSync(join(sourceFolder, folder)).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.spec.ts'),
  );
  const names = files.sort().map((file) => file.slice(0, -'.ts'.length));
  const imports = names.map(
    (name) => `import { ${camelCase(name)} } from '${relative(from, folder)}/${name}.js';`,
  );
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
