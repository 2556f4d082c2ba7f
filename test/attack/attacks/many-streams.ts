import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack, hold } from '../attack.js';

const streamsAtOnce = 100;
const pairs = 4;

export default {
  title: '100 streams of one client, each full of pairs: others are served meanwhile',
  isShort: true,
  limitSeconds: 120,
  run: async ({ target, photographs: { person, other }, isShort }) => {
    const stop = new AbortController();
    setMaxListeners(0, stop.signal);
    let answered = 0;
    let refused = 0;
    const stream = async (): Promise<void> => {
      // Connections of their own: what is shared out by connection is asked for a hundred times.
      const { faceVerification } = target.client(target.keys.rival);
      const requests = Array.from({ length: pairs }, (_, index) => ({
        correlationId: String(index),
        request: { imageA: { content: person }, imageB: { content: other } },
      }));
      while (!stop.signal.aborted) {
        try {
          for await (const { result } of faceVerification.streamVerify(requests, { signal: stop.signal })) {
            if (result?.response == null) refused++;
            else answered++;
          }
        } catch {
          refused++;
        }
        await sleep(50);
      }
    };
    const streams = Array.from({ length: isShort ? streamsAtOnce / 2 : streamsAtOnce }, stream);
    await sleep(isShort ? 5_000 : 15_000);
    stop.abort();
    await Promise.all(streams);
    hold(answered > 0, `of the streams nothing was answered, ${refused} were refused`);
    return `${answered} pairs answered, ${refused} refused`;
  },
} satisfies Attack;
