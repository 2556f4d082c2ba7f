// npm run image: builds an image without Docker, by buildah, and says how large it is. As root, on Debian with
// `apt-get install buildah mmdebstrap`. The stage is the first argument: service (default) or worker.
import { buildImage } from './image/build.mjs';

const target = process.argv[2] ?? 'service';
const tag = target === 'service' ? 'localhost/symface' : `localhost/symface-${target}`;
const bytes = buildImage(target, tag);
console.log(`${tag}: ${Math.round(bytes / 1e6)} MB`);
