import type { z } from 'zod';
import { wholeNumber } from './whole-number.js';

export const mebibyte = 1024 * 1024;
/** A tebibyte. */
const most = 1_048_576;

/** A size in MiB. */
export function mebibytes(from: number): z.ZodType<number, string> {
  return wholeNumber(from, most);
}
