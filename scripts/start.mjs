// npm start: from whatever state the checkout is in to a running service. Arguments go to `symface serve`.
import {
  announce,
  build,
  installDependencies,
  prepareModels,
  requireSupportedNode,
  runSymFace,
} from './set-up.mjs';

requireSupportedNode();
await installDependencies();
await build();
await prepareModels();
announce('Starting …');
process.exitCode = await runSymFace(['serve', ...process.argv.slice(2)]);
