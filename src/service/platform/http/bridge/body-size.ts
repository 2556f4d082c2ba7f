import { maximumMessageBytes } from '../../../../contract/contract.js';

/** Base64, of which JSON makes images, is a third longer; names and commas come on top. */
export const maximumBodyBytes = Math.ceil((maximumMessageBytes * 4) / 3) + 64 * 1024;
