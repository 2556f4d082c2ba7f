/**
 * The process of the greedy tenant: what the flood costs whoever makes it is not to slow down who is measured more than it must.
 * It is sent how to flood, then "stop", and tells when pairs were answered, and how many were refused.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { SymFaceClient } from '../../dist/client/index.js';

let stop = new AbortController();

process.on('message', (/** @type {'stop' | Flood} */ message) => {
  if (message === 'stop') stop.abort();
  else void flood(message);
});
process.once('disconnect', () => process.exit());

/** @typedef {{ server: string, apiKey: string, streams: number, pairs: number, photograph: Uint8Array }} Flood */

/** @param {Flood} message */
async function flood({ server, apiKey, streams, pairs, photograph }) {
  stop = new AbortController();
  const { signal } = stop;
  setMaxListeners(0, signal);
  const image = { content: Buffer.from(photograph) };
  const requests = Array.from({ length: pairs }, (_, index) => ({
    correlationId: String(index),
    request: { imageA: image, imageB: image },
  }));
  const counts = { answeredAtMs: [], refused: 0 };
  // Connections of their own: what is shared out by connection is asked for as often.
  const clients = Array.from(
    { length: streams },
    () => new SymFaceClient({ server, apiKey, timeoutMs: 120_000 }),
  );
  const stream = async ({ faceVerification }) => {
    while (!signal.aborted) {
      try {
        for await (const { result } of faceVerification.streamVerify(requests, { signal })) {
          if (result?.response == null) counts.refused++;
          else counts.answeredAtMs.push(performance.timeOrigin + performance.now());
        }
      } catch {
        counts.refused++;
      }
      await sleep(50);
    }
  };
  await Promise.all(clients.map(stream));
  for (const client of clients) client.close();
  process.send(counts);
}
