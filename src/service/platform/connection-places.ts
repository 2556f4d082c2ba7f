import type { Socket } from 'node:net';

/** Who is at the other end of a connection: its name, as long as it is open. */
type Peer = string;
/** A connection, or what TLS, HTTP and HTTP/2 show in its place. */
export type PeerSocket = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** A server that listens: HTTP's, HTTP/2's, with TLS or without. */
interface ListeningServer {
  on(event: 'connection', listener: (socket: Socket) => void): unknown;
}

/**
 * The places for connections of a server. Where all are taken, the connection on which nothing is asked, and was not for the longest
 * time, gives its place to who comes: whoever opens connections and leaves them idle keeps nobody out, and clients open another one
 * for their next call. Where all are at work, who comes is turned away.
 */
export class ConnectionPlaces {
  /** Those on which nothing is asked at the moment, the one that is idle longest first. */
  private readonly idle = new Map<Peer, Socket>();
  /** All that are open, with the requests that are at work on them. */
  private readonly open = new Map<Peer, { readonly socket: Socket; requestCount: number }>();

  /** Keeps the places of a server from now on. @param maximumCount connections at a time */
  constructor(
    server: ListeningServer,
    private readonly maximumCount: number,
  ) {
    server.on('connection', (socket) => {
      this.take(socket);
    });
  }

  /** Notes that something is asked on a connection. @returns what notes that it was answered, or given up */
  begin(at: PeerSocket): () => void {
    const peer = peerOf(at);
    const connection = this.open.get(peer);
    if (connection === undefined) return () => undefined;
    connection.requestCount++;
    this.idle.delete(peer);
    return () => {
      connection.requestCount--;
      if (connection.requestCount === 0 && this.open.get(peer) === connection)
        this.idle.set(peer, connection.socket);
    };
  }

  private take(socket: Socket): void {
    // One without an address is of this process itself, or has gone again.
    if (socket.remoteAddress === undefined) return;
    const peer = peerOf(socket);
    const connection = { socket, requestCount: 0 };
    this.open.set(peer, connection);
    this.idle.set(peer, socket);
    socket.once('close', () => {
      if (this.open.get(peer) !== connection) return;
      this.open.delete(peer);
      this.idle.delete(peer);
    });
    if (this.open.size > this.maximumCount) this.idle.values().next().value?.destroy();
  }
}

function peerOf({ remoteAddress, remotePort }: PeerSocket): Peer {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
