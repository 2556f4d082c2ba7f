// A reporter of Vitest's: after its summary, the files that took longest, their hooks included.
import { relative } from 'node:path';

const count = 10;

export default class SlowestFiles {
  onTestRunEnd(modules) {
    const slowest = modules
      .map((module) => ({
        name: relative(process.cwd(), module.moduleId),
        seconds: module.diagnostic().duration / 1000,
      }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, count);
    console.log('Slowest files:');
    for (const { name, seconds } of slowest) console.log(`${seconds.toFixed(1).padStart(8)} s  ${name}`);
  }
}
