import { createHash } from 'node:crypto';

/**
 * A number on [0, 1) that a name always has: the first 32 bits of its SHA-256. Names below 0.1 are a tenth of all, and
 * stay the same ones when others are added.
 */
export function nameShare(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) / 2 ** 32;
}
