import { execFileSync } from 'node:child_process';

/** Runs a program to its end, with its output on this one's. @throws Error where it fails */
export function run(program, args, options = {}) {
  execFileSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
}

/** @returns what it printed, without the last line's end */
export function capture(program, args) {
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
}
