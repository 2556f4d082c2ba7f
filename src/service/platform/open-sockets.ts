import type { Server, Socket } from 'node:net';

/**
 * The TCP connections of servers, from their first moment: also those whose TLS handshake is not over, and those that the
 * protocol above has closed already and whose client does not answer the end. Node closes a server only once the last is gone.
 */
export class OpenSockets {
  private readonly open = new Set<Socket>();

  /** Knows the connections of this server from now on. */
  watch(server: Pick<Server, 'on'>): void {
    server.on('connection', (socket) => {
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
  }

  /** Cuts them all. What was written and has not been sent yet is lost. */
  destroyAll(): void {
    for (const socket of this.open) socket.destroy();
  }
}
