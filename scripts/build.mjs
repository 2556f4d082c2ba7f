// npm run build
import { build } from './set-up.mjs';

await build();
