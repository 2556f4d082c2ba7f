import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

const probeIntervalMs = 200;

/** What calls are sent to. */
export interface Target {
  /** host:port */
  readonly address: string;
  readonly httpUrl: string;
}

/** A balancer as operators have them: it knows connections, not calls, and asks `/readyz` whom to give new ones. */
export interface TcpBalancer {
  readonly address: string;
  setTargets(targets: readonly Target[]): void;
  /** How many connections each target has been given, by its address. */
  readonly given: ReadonlyMap<string, number>;
  stop(): void;
}

export async function startTcpBalancer(): Promise<TcpBalancer> {
  let targets: readonly Target[] = [];
  let ready: readonly Target[] = [];
  let turn = 0;
  const given = new Map<string, number>();
  const sockets = new Set<Socket>();
  const probe = setInterval(() => {
    void Promise.all(targets.map(async (target) => ((await isReady(target)) ? [target] : []))).then(
      (found) => {
        ready = found.flat();
      },
    );
  }, probeIntervalMs);
  const server = createServer((client) => {
    const target = ready[turn++ % ready.length];
    if (target === undefined) return client.destroy();
    given.set(target.address, (given.get(target.address) ?? 0) + 1);
    const [host, port] = target.address.split(':');
    const upstream = connect(Number(port), host);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.pipe(other);
      one
        .on('error', () => other.destroy())
        .on('close', () => {
          sockets.delete(one);
          other.destroySoon();
        });
    }
    return undefined;
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    setTargets: (next) => {
      targets = next;
    },
    given,
    stop: () => {
      clearInterval(probe);
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function isReady({ httpUrl }: Target): Promise<boolean> {
  return fetch(`${httpUrl}/readyz`, { signal: AbortSignal.timeout(1_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
}
