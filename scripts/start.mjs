// npm start: from whatever state the checkout is in to a running service. Arguments go to `symface serve`.
import { clearInterval, setInterval } from 'node:timers';
import {
  announce,
  build,
  installDependencies,
  prepareModels,
  requireSupportedNode,
  runSymFace,
} from './set-up.mjs';

requireSupportedNode();
// Node would listen for a debugger.
process.on('SIGUSR1', () => undefined);
await installDependencies();
await build();
await prepareModels(precisionIn(process.argv.slice(2)));
announce('Starting …');
stopWithNpm();
process.exitCode = await runSymFace(['serve', ...process.argv.slice(2)]);

/** What of the arguments decides which models are needed. */
function precisionIn(options) {
  const index = options.findIndex((option) => option === '--precision' || option.startsWith('--precision='));
  if (index === -1) return [];
  return options[index] === '--precision' ? options.slice(index, index + 2) : [options[index]];
}

/**
 * `npm start` runs this in a shell that does not pass on the SIGTERM which npm gives it: whoever ended npm would leave the
 * service behind. The end of that shell is the only sign.
 */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined) return;
  const shell = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(watch);
    process.kill(process.pid, 'SIGTERM');
  }, 500);
  watch.unref();
}
