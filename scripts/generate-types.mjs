// npm run generate
import { generateTypes } from './set-up.mjs';

await generateTypes();
