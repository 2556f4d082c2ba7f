import { spawnSync } from 'node:child_process';

/** Of the Debian package `prometheus`. */
export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;
export const NO_PROMTOOL_REASON = 'no promtool is installed here (Debian: apt-get install prometheus)';

/** Runs it. @returns what it says; it begins with "FAILED" where promtool ends with another status than 0 */
export function promtool(...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('promtool', args, { encoding: 'utf8' });
  return status === 0 ? stdout : `FAILED ${stdout}${stderr}`;
}
