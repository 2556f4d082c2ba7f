import { expect } from 'vitest';
import { SharpImageDecoder } from '../../src/inference/decode/sharp-image-decoder.js';
import { Failure, type FailureReason } from '../../src/core/failure.js';

async function failureOf(encoded: Uint8Array, by: SharpImageDecoder): Promise<Failure> {
  const outcome: unknown = await by.decode(encoded).catch((error: unknown) => error);
  expect(outcome).toBeInstanceOf(Failure);
  return outcome as Failure;
}

/** Expects the typed failure, with a message that leaks neither paths nor the decoder's internals. */
export async function expectRefusal(
  encoded: Uint8Array,
  reason: FailureReason,
  by: SharpImageDecoder = new SharpImageDecoder(),
): Promise<Failure> {
  const failure = await failureOf(encoded, by);
  expect(failure.reason).toBe(reason);
  expect(failure.message).not.toMatch(/vips|\/|node_modules/i);
  return failure;
}
