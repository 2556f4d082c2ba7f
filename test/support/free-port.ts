import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of loopback that nothing listened on a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the probe has no port');
  await once(server.close(), 'close');
  return address.port;
}
