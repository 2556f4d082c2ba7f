import type { Server as HttpServer } from 'node:http';
import type { Socket } from 'node:net';

/** Who is at the other end of a connection: its name, as long as it is open. */
type Peer = string;
/** A connection, or what TLS, HTTP and HTTP/2 show in its place. */
type PeerSocket = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** A server that listens: HTTP's, HTTP/2's, with TLS or without. */
interface ListeningServer {
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
}

/**
 * The TCP connections of a server, from their first moment: also those whose TLS handshake is not over, and those that the protocol above
 * has closed already and whose client does not answer the end. Node closes a server only once the last is gone.
 *
 * There are so many places for them. Where all are taken, the connection on which nothing is asked, and was not for the longest
 * time, gives its place to who comes: whoever opens connections and leaves them idle keeps nobody out, and clients open another one
 * for their next call. Where all are at work, who comes is turned away.
 */
export class OpenConnections {
  private readonly sockets = new Set<Socket>();
  /** Those that take a place, with the requests that are at work on them. */
  private readonly placed = new Map<Peer, { readonly socket: Socket; requestCount: number }>();
  /** Those on which nothing is asked at the moment, the one that is idle longest first. */
  private readonly idle = new Map<Peer, Socket>();

  /** @param maximumCount connections at a time */
  constructor(private readonly maximumCount: number) {}

  /** Knows the connections of the server from now on. */
  watch(server: ListeningServer): void {
    server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      // One without an address is of this process itself, or has gone again.
      if (socket.remoteAddress !== undefined) this.takePlace(socket);
    });
  }

  /**
   * Notes the calls of an HTTP server, which POST what they ask. The rest needs no key (probes, metrics, the console's files): an answer
   * that is never read keeps no place.
   */
  watchCalls(server: HttpServer): void {
    server.on('request', ({ method, socket }, response) => {
      if (method === 'POST') response.once('close', this.begin(socket));
    });
  }

  /** Notes that something is asked on a connection. @returns what notes that it was answered, or given up */
  begin(at: PeerSocket): () => void {
    const peer = peerOf(at);
    const connection = this.placed.get(peer);
    if (connection === undefined) return () => undefined;
    connection.requestCount++;
    this.idle.delete(peer);
    return () => {
      connection.requestCount--;
      if (connection.requestCount === 0 && this.placed.get(peer) === connection)
        this.idle.set(peer, connection.socket);
    };
  }

  /** Cuts them all. What was written and has not been sent yet is lost. */
  destroyAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  private takePlace(socket: Socket): void {
    const peer = peerOf(socket);
    const connection = { socket, requestCount: 0 };
    this.placed.set(peer, connection);
    this.idle.set(peer, socket);
    socket.once('close', () => {
      if (this.placed.get(peer) !== connection) return;
      this.placed.delete(peer);
      this.idle.delete(peer);
    });
    if (this.placed.size > this.maximumCount) this.idle.values().next().value?.destroy();
  }
}

function peerOf({ remoteAddress, remotePort }: PeerSocket): Peer {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
