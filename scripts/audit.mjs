// npm run audit
// Fails where a package that is shipped has a known fault of high severity. Where the registry does not answer the question, as a
// mirror may not, it says so and passes: nothing was found out.
import { spawnSync } from 'node:child_process';

const npm = process.env.npm_execpath;
const [program, ...first] = npm === undefined ? ['npm'] : [process.execPath, npm];
const { stdout = '' } = spawnSync(program, [...first, 'audit', '--json', '--omit', 'dev'], {
  encoding: 'utf8',
  timeout: 120_000,
});
const report = parsed(stdout);
const counts = report?.metadata?.vulnerabilities;
if (counts === undefined) {
  const why = report?.message ?? report?.error?.summary ?? 'no answer';
  console.log(`npm audit: the registry gave no answer (${why}); nothing is known of faults in dependencies.`);
} else {
  const grave = Object.values(report.vulnerabilities).filter(
    ({ severity }) => severity === 'high' || severity === 'critical',
  );
  for (const { name, severity, range, via } of grave) {
    const advisories = via.flatMap(({ title, url }) => (title === undefined ? [] : [`${title} ${url}`]));
    console.error(`${name} ${range}: ${severity}. ${advisories.join('; ')}`);
  }
  console.log(
    `npm audit: ${grave.length} grave, ${counts.total - grave.length} others, in ${report.metadata.dependencies.total} packages.`,
  );
  if (grave.length > 0) process.exitCode = 1;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
