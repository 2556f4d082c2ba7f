// npm run image: builds an image of docker/Dockerfile without Docker, by buildah, then starts it as a cluster would: as any
// user of group 0, with a read-only root. As root, on Debian with `apt-get install buildah mmdebstrap`. The stage is the first
// argument: service (default), which must answer a Verify, or worker. Where it cannot run, it says so and ends with 0.
import { whatIsLacking } from './image/base.mjs';
import { buildImage, sizeOf, withFilesOf } from './image/build.mjs';
import { serveFrom } from './image/serve.mjs';
import { work } from './image/work.mjs';

const largestServiceBytes = 450e6;
const target = process.argv[2] ?? 'service';
const lacking = whatIsLacking();
if (lacking === undefined) await buildAndTry();
else console.log(`Images are not built here: ${lacking}.`);

async function buildAndTry() {
  const tag = target === 'service' ? 'localhost/symface' : `localhost/symface-${target}`;
  const beginMs = performance.now();
  const seconds = () => `${Math.round((performance.now() - beginMs) / 1000)} s`;
  buildImage(target, tag);
  console.log(`built after ${seconds()}`);
  await withFilesOf(tag, async (root) => {
    const bytes = sizeOf(root);
    console.log(`${tag}: ${Math.round(bytes / 1e6)} MB`);
    if (target === 'service' && bytes > largestServiceBytes)
      throw new Error('the serving image is too large');
    await (target === 'service' ? serveFrom(root, tag) : work(root, tag));
  });
  console.log(`The image starts, works and ends cleanly. It took ${seconds()} in all.`);
}
