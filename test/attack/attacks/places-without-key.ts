import { readdirSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attack, hold } from '../attack.js';

const places = 20;
const connections = 30;
const requestsOfEach = 15;
const assets = new URL('../../../dist/console/assets', import.meta.url);

export default {
  title:
    'every place for connections taken without a key, by watches of health and by files of the console that are never read',
  isShort: false,
  hasOwnServices: true,
  limitSeconds: 120,
  run: async ({ startTarget, afterwards }) => {
    const target = await startTarget({ settings: { SYMFACE_MAX_CONNECTIONS: String(places) } });
    const { address, httpUrl } = target.server;
    const requests = readdirSync(assets)
      .map((name) => `GET /console/assets/${name} HTTP/1.1\r\nHost: ${new URL(httpUrl).host}\r\n\r\n`)
      .join('');
    for (let count = 0; count < connections; count++) {
      const session = connectHttp2(`http://${address}`).on('error', () => undefined);
      const watch = session.request({
        ':method': 'POST',
        ':path': '/grpc.health.v1.Health/Watch',
        'content-type': 'application/grpc',
        te: 'trailers',
      });
      watch.on('error', () => undefined).end(Buffer.alloc(5));
      const { hostname, port } = new URL(httpUrl);
      const unread = connect(Number(port), hostname).on('error', () => undefined);
      for (let asked = 0; asked < requestsOfEach; asked++) unread.write(requests);
      afterwards(() => {
        session.destroy();
        unread.destroy();
      });
      await sleep(20);
    }
    await sleep(1_000);
    const caller = await target
      .client()
      .admin.getCaller({})
      .then(({ tenant }) => tenant, String);
    const ready = await fetch(`${httpUrl}/readyz`).then(({ status }) => status, String);
    hold(caller === 'acme', `beside ${connections} watches of health a client with a key is told ${caller}`);
    hold(ready === 200, `beside ${connections} connections that read nothing /readyz is ${ready}`);
    await target.stop();
    return `${connections} connections to each port, of ${places} places: whoever comes is served`;
  },
} satisfies Attack;
