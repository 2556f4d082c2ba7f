// npm run docs: writes what pages say of the contract, from the contract, and the list of decisions. With --check nothing is
// written, and the exit status is 1 where a page says something else.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { readContract } from './contract.mjs';
import { apiPage } from './contract-pages.mjs';
import { decisionsPage } from './decisions-page.mjs';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const isCheck = process.argv.includes('--check');

const contract = readContract();
await settle('docs/api.md', apiPage(contract), 'always');
await settle('docs/adr/README.md', decisionsPage(join(projectFolder, 'docs/adr')), 'preserve');

/** Writes a page, or says that it is not what it should be. */
async function settle(file, content, proseWrap) {
  const options = await resolveConfig(join(projectFolder, file));
  const page = await format(content, { ...options, parser: 'markdown', proseWrap });
  if (page === read(file)) return;
  if (isCheck) {
    console.error(`${file} is not what "npm run docs" makes of it.`);
    process.exitCode = 1;
    return;
  }
  writeFileSync(join(projectFolder, file), page);
  console.log(`Wrote ${file}.`);
}

function read(file) {
  try {
    return readFileSync(join(projectFolder, file), 'utf8');
  } catch {
    return '';
  }
}
