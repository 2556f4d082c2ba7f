// npm run check:licenses
// Fails where a dependency has a licence that is not allowed, and is no exception (scripts/licenses.mjs).
import { readFileSync } from 'node:fs';
import { licenseProblems } from './licenses.mjs';

const { packages } = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
const problems = licenseProblems(packages);
for (const problem of problems) console.error(problem);
if (problems.length > 0) {
  console.error(
    'Choose another package, or add the licence or an exception with its reason to scripts/licenses.mjs.',
  );
  process.exitCode = 1;
}
