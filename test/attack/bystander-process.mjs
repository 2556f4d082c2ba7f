/**
 * The process of the honest client: what an attack costs the attacker's own process must not be taken for what it costs others.
 * It is sent the address, the key and the photographs once, then "take" for the calls that have ended since.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteFailure, SymFaceClient } from '../../dist/client/index.js';

const pauseMs = 100;
let outcomes = [];

process.on('message', (/** @type {'take' | Pair} */ message) => {
  if (message === 'take') {
    process.send(outcomes);
    outcomes = [];
  } else void verifyForEver(message);
});
process.once('disconnect', () => process.exit());

/**
 * @typedef {{ server: string, apiKey: string | undefined, timeoutMs: number, one: Uint8Array, other: Uint8Array }} Pair
 * @param {Pair} message
 */
async function verifyForEver({ server, apiKey, timeoutMs, one, other }) {
  const { faceVerification } = new SymFaceClient({ server, apiKey, timeoutMs });
  const request = { imageA: { content: Buffer.from(one) }, imageB: { content: Buffer.from(other) } };
  for (;;) {
    const beginMs = performance.now();
    const outcome = await faceVerification
      .verify(request)
      .then(({ matched }) => (matched ? 'OK' : 'the wrong answer'), reasonOf);
    outcomes.push({ ms: performance.now() - beginMs, outcome });
    await sleep(pauseMs);
  }
}

function reasonOf(error) {
  return error instanceof RemoteFailure
    ? (error.reason ?? `${error.codeName} ${error.message}`)
    : String(error);
}
