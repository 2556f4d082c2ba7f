import { once } from 'node:events';
import { createServer } from 'node:http';
import type { TestProject } from 'vitest/node';
import { startPostgresServer } from './postgres-server.js';
import { startRunningServer } from './running-server.js';
import type { SharedService } from './shared-servers.js';

interface Started {
  /** What is known of it, as JSON. */
  readonly known: object;
  readonly stop: () => Promise<unknown>;
}

const servers: Readonly<Record<string, (argument: string) => Promise<Started>>> = {
  service: async () => {
    const server = await startRunningServer({ SYMFACE_WORKERS: '2' });
    const { address, httpUrl, dataFolder } = server;
    const known: SharedService = { address, httpUrl, dataFolder };
    return { known, stop: () => server.stop() };
  },
  postgres: async (programs) => {
    const server = await startPostgresServer(programs);
    return { known: { url: server.createDatabase('first') }, stop: () => server.stop() };
  },
};

/**
 * Vitest's global setup. A server is started when the first spec file asks for it, so that a run that needs none starts
 * none, and stopped after the last file.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<Started>>();
  const switchboard = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const name = pathname.slice(1);
    const server = started.get(name) ?? servers[name]?.(searchParams.get('argument') ?? '');
    if (server !== undefined) started.set(name, server);
    Promise.resolve(server).then(
      (ready) => response.end(JSON.stringify(ready?.known)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, '127.0.0.1');
  await once(switchboard, 'listening');
  const address = switchboard.address();
  if (address === null || typeof address === 'string') throw new Error('the switchboard has no port');
  provide('sharedServers', `http://127.0.0.1:${address.port}`);
  return async () => {
    switchboard.close();
    await Promise.allSettled([...started.values()].map(async (server) => (await server).stop()));
  };
}
