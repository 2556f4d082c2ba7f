import { constants, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { Server } from '@grpc/grpc-js';
import { OpenConnections } from '../open-connections.js';
import { isOfHealthService } from './health-service.js';
import { boundDeadlines } from './longest-deadline.js';

/** Between telling a client to call elsewhere and closing: what it had sent by then has come. */
const handOverMs = 500;
/** "Every call that you have sent is taken": RFC 9113, 6.8. */
const everyStream = 2 ** 31 - 1;

/** How many connections each address of a server has, and how long; neither has an end where it is undefined. */
export interface ConnectionLimits {
  /** With one more, the one that is idle longest is closed; grpc-js 1.14 has no setting for it. */
  readonly maximumCount?: number | undefined;
  /** A tenth more or less, so that those of one moment do not end in one. */
  readonly maximumAgeMs?: number | undefined;
}

/** What grpc-js knows of one of its HTTP/2 servers. */
interface Http2Sessions {
  readonly sessions: ReadonlySet<ServerHttp2Session>;
}

/**
 * The connections of a gRPC server, and how they end without a call lost: the client is told to open another one (GOAWAY),
 * calls that are still on their way are taken, and the connection is closed once its last call is answered. grpc-js's own
 * `grpc.max_connection_age_ms` closes at once, which loses what is on its way, and then cuts the calls at work: of a
 * connection that is closing, grpc-js 1.14.7 takes every keepalive ping for failed.
 */
export class Connections {
  private readonly open = new Set<ServerHttp2Session>();
  /** Of each address. */
  private readonly connections: OpenConnections[] = [];

  constructor(private readonly limits: ConnectionLimits) {}

  /** Knows the connections of a server from now on, and those that it has. */
  watch(server: Server): void {
    // grpc-js shows its HTTP/2 servers to nobody. Nest's has one that listens already.
    const create: unknown = Reflect.get(server, 'createHttp2Server');
    const http2Servers: unknown = Reflect.get(server, 'http2Servers');
    if (typeof create !== 'function' || !(http2Servers instanceof Map))
      throw new Error('this version of grpc-js keeps its HTTP/2 servers elsewhere');
    for (const [http2Server, { sessions }] of http2Servers as ReadonlyMap<Http2Server, Http2Sessions>) {
      this.watchSessions(http2Server);
      for (const session of sessions) this.add(session);
    }
    Reflect.set(server, 'createHttp2Server', (...args: unknown[]) => {
      const http2Server = Reflect.apply(create, server, args) as Http2Server;
      this.watchSessions(http2Server);
      return http2Server;
    });
  }

  /** Has every client open another connection for its next call. Resolves when what was on its way has come. */
  async handOver(): Promise<void> {
    for (const session of this.open) announceEnd(session);
    await new Promise((resolve) => setTimeout(resolve, handOverMs));
  }

  /**
   * Cuts the connections, also those that are closed as far as HTTP/2 is concerned: Node waits for ever for a client that does
   * not answer the end of a connection, because it is frozen or its host is gone.
   */
  cut(): void {
    for (const { socket, destroyed } of this.open) if (!destroyed) socket.destroy();
    for (const connections of this.connections) connections.destroyAll();
  }

  private watchSessions(http2Server: Http2Server): void {
    const connections = new OpenConnections(this.limits.maximumCount ?? Infinity);
    connections.watch(http2Server);
    this.connections.push(connections);
    boundDeadlines(http2Server);
    http2Server.on('stream', (stream, headers) => {
      // Whoever has no key can watch health for ever: that keeps nobody's place from those who come.
      if (isOfHealthService(headers[':path'])) return;
      const { socket } = stream.session ?? {};
      if (socket !== undefined) stream.once('close', connections.begin(socket));
    });
    http2Server.on('session', (session) => {
      this.add(session);
    });
  }

  private add(session: ServerHttp2Session): void {
    this.open.add(session);
    answerPingsOnceClosed(session);
    const ageTimer = this.ageTimer(session);
    session.once('close', () => {
      clearTimeout(ageTimer);
      this.open.delete(session);
    });
  }

  private ageTimer(session: ServerHttp2Session): NodeJS.Timeout | undefined {
    // The service's own HTTP port comes by a socket without an address, and no balancer is between.
    const { maximumAgeMs } = this.limits;
    if (maximumAgeMs === undefined || session.socket.remoteAddress === undefined) return undefined;
    const end = (): void => {
      announceEnd(session);
      setTimeout(() => {
        session.close();
      }, handOverMs).unref();
    };
    return setTimeout(end, maximumAgeMs * (0.9 + 0.2 * Math.random())).unref();
  }
}

function announceEnd(session: ServerHttp2Session): void {
  if (!session.closed && !session.destroyed) session.goaway(constants.NGHTTP2_NO_ERROR, everyStream);
}

/** Node sends no ping on a connection that is closing; grpc-js would cut it, with the calls on it. */
function answerPingsOnceClosed(session: ServerHttp2Session): void {
  const ping = session.ping.bind(session);
  const answered = Buffer.alloc(8);
  type Answer = (error: Error | null, durationMs: number, payload: Buffer) => void;
  const pingOrPass = (callback: Answer): boolean => {
    if (!session.closed) return ping(callback);
    setImmediate(callback, null, 0, answered);
    return true;
  };
  Reflect.set(session, 'ping', pingOrPass);
}
