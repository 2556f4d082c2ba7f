import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Ends connections of the HTTP port without a call lost: with the answer that comes after its age, or after the service
 * began to close, a connection ends (`Connection: close`), and the client opens another.
 * @param maximumAgeMs for ever where undefined
 * @param isClosing whether the service takes leave
 */
export function handOverConnections(
  server: Server,
  maximumAgeMs: number | undefined,
  isClosing: () => boolean,
): void {
  const openedAtMs = new WeakMap<Socket, number>();
  const remember = (socket: Socket): void => {
    openedAtMs.set(socket, performance.now());
  };
  server.on('connection', remember).on('secureConnection', remember);
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const ageMs = performance.now() - (openedAtMs.get(socket) ?? performance.now());
    if (isClosing() || (maximumAgeMs !== undefined && ageMs > maximumAgeMs)) response.shouldKeepAlive = false;
  });
}
