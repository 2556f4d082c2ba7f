// npm test: installs, builds and prepares what is missing, then runs the tests. `--full` adds test/full, other
// arguments go to vitest. At the end come the slowest files and, as the last line, "N passed, N failed, N skipped".
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { announce, build, installDependencies, prepareModels, requireSupportedNode, run } from './set-up.mjs';

const args = process.argv.slice(2);
const isFull = args.includes('--full');

requireSupportedNode();
await installDependencies();
await build();
await prepareModels();
announce(isFull ? 'Running all tests, the long ones too …' : 'Running tests …');
process.exitCode = await runTests(args.filter((argument) => argument !== '--full'));

async function runTests(vitestArgs) {
  const reportFolder = mkdtempSync(join(tmpdir(), 'symface-tests-'));
  const reportFile = join(reportFolder, 'report.json');
  const config = isFull ? ['--config', 'vitest.full.config.ts'] : [];
  const names = ['default', 'json', './scripts/slowest-files.mjs'];
  const reporters = [...names.map((name) => `--reporter=${name}`), `--outputFile.json=${reportFile}`];
  const exitCode = await run(process.execPath, [
    'node_modules/vitest/vitest.mjs',
    'run',
    ...config,
    ...reporters,
    ...vitestArgs,
  ]);
  console.log(closingLine(reportFile));
  rmSync(reportFolder, { recursive: true });
  return exitCode;
}

function closingLine(reportFile) {
  let report;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    // Vitest ended before it could report.
    return '0 passed, 1 failed, 0 skipped';
  }
  // A file that cannot even be loaded has no tests to count, and is a failure.
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = report.numFailedTests + brokenFiles.length;
  const skipped = report.numPendingTests + report.numTodoTests;
  return `${report.numPassedTests} passed, ${failed} failed, ${skipped} skipped`;
}
