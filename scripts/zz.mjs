import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';
const main = fileURLToPath(new URL('../test/attack/main.ts', import.meta.url));
const { module } = await runnerImport(main, { configFile: false, logLevel: 'error' });
process.exit(await module.attackFromCommandLine(process.argv.slice(2)));
