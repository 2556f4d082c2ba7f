import { type ClientHttp2Session, connect } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack, hold } from '../attack.js';

const connections = 24;
const watchesOfEach = 200;
const heldForMs = 4_000;

export default {
  title:
    '4,800 watches of health over 24 connections without a key, which never end: whoever has a key is served',
  isShort: true,
  limitSeconds: 60,
  run: async ({ target, afterwards }) => {
    const sessions: ClientHttp2Session[] = [];
    afterwards(() => {
      for (const session of sessions) session.destroy();
    });
    let held = 0;
    for (let connection = 0; connection < connections; connection++) {
      const session = connect(`http://${target.server.address}`).on('error', () => undefined);
      sessions.push(session);
      for (let count = 0; count < watchesOfEach; count++) {
        const watch = session.request({
          ':method': 'POST',
          ':path': '/grpc.health.v1.Health/Watch',
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        watch.on('error', () => undefined).once('data', () => held++);
        watch.end(Buffer.alloc(5));
      }
    }
    await sleep(heldForMs / 2);
    const { admin } = target.client();
    const caller = await admin.getCaller({}).then(({ tenant }) => tenant, String);
    hold(caller === 'acme', `beside ${held} watches a client with a key is told ${caller}`);
    await sleep(heldForMs / 2);
    return `${held} of ${connections * watchesOfEach} watches are held, and whoever has a key is served`;
  },
} satisfies Attack;
