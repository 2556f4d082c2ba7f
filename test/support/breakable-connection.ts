import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that a test can cut or freeze: a proxy of TCP on loopback. */
export class BreakableConnection {
  private readonly sockets = new Set<Socket>();
  private state: 'open' | 'cut' | 'frozen' = 'open';

  private constructor(
    private readonly server: Server,
    /** Where it listens. */
    readonly port: number,
  ) {}

  /** @param to the port on loopback that it leads to */
  static async to(to: number): Promise<BreakableConnection> {
    const server = createServer((client) => {
      connection.join(client, connect(to, '127.0.0.1'));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
    const connection = new BreakableConnection(server, address.port);
    return connection;
  }

  /** Ends what is connected, and refuses what comes, until it is opened. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** Lets nothing through any more, without a word. */
  freeze(): void {
    this.state = 'frozen';
    for (const socket of this.sockets) socket.pause();
  }

  open(): void {
    this.state = 'open';
    for (const socket of this.sockets) socket.resume();
  }

  async close(): Promise<void> {
    this.cut();
    const closed = once(this.server, 'close');
    this.server.close();
    await closed;
  }

  private join(client: Socket, server: Socket): void {
    for (const [from, onto] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('data', (bytes) => onto.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        this.sockets.delete(from);
        onto.destroy();
      });
      if (this.state === 'frozen') from.pause();
      if (this.state === 'cut') from.destroy();
    }
  }
}
