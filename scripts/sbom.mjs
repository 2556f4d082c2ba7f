// npm run sbom [-- <file>]
// Writes what a release is made of as CycloneDX 1.5 (dist/sbom.cdx.json): the packages of package-lock.json that are installed with
// it, and the networks in models/. It needs no network, and says the same for the same sources.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const [, , file = join(projectFolder, 'dist/sbom.cdx.json')] = process.argv;

const npm = process.env.npm_execpath;
const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev', '--package-lock-only'];
const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
const options = {
  cwd: projectFolder,
  encoding: /** @type {const} */ ('utf8'),
  maxBuffer: 1 << 28,
  shell: npm === undefined && process.platform === 'win32',
};
const bill = JSON.parse(execFileSync(program, [...first, ...args], options));
const lock = readFileSync(join(projectFolder, 'package-lock.json'));

// npm names it by its folder, and each time by another time and number.
const component = { ...bill.metadata.component, name: 'symface', type: 'application' };
const metadata = { ...bill.metadata, component, timestamp: new Date(sourceSeconds() * 1000).toISOString() };
const serialNumber = `urn:uuid:${uuidOf(createHash('sha256').update(lock).digest('hex'))}`;
const components = [...bill.components, ...networks()];
const written = { ...bill, serialNumber, metadata, components };
mkdirSync(dirname(resolve(file)), { recursive: true });
writeFileSync(file, `${JSON.stringify(written, null, 2)}\n`);
console.log(`${relative(process.cwd(), resolve(file))}: ${components.length} components`);

/** As https://reproducible-builds.org/specs/source-date-epoch/ has it. */
function sourceSeconds() {
  const given = process.env.SOURCE_DATE_EPOCH;
  if (given !== undefined) return Number(given);
  try {
    return Number(
      execFileSync('git', ['log', '-1', '--format=%ct'], {
        cwd: projectFolder,
        encoding: /** @type {const} */ ('utf8'),
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
    );
  } catch {
    return 0;
  }
}

function uuidOf(hex) {
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `5${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}

/** Weights that come with the sources, by their content. */
function networks() {
  const folder = join(projectFolder, 'models');
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:onnx|safetensors|bin|json)$/u.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .map((path) => ({
      type: 'machine-learning-model',
      'bom-ref': relative(projectFolder, path),
      name: relative(projectFolder, path),
      hashes: [{ alg: 'SHA-256', content: createHash('sha256').update(readFileSync(path)).digest('hex') }],
    }));
}
