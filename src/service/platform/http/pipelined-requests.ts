import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests of one connection at a time: clients that pipeline at all have fewer under way, most have one. */
const maximumRequestCount = 32;

/**
 * Bounds what a connection has at work, and ends all of it with the connection. A client may send requests one behind the other, and
 * Node takes all that have come before it looks at whether the answers are read: one connection, without a key, could have thousands.
 * Of those whose turn to be answered has not come Node also never says that their connection has gone: what they hold would be held
 * for ever.
 * @param maximumCount requests of one connection that are not answered yet; with one more it is cut
 */
export function boundPipelines(server: Server, maximumCount = maximumRequestCount): void {
  const unanswered = new WeakMap<Socket, Set<ServerResponse>>();
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request, response) => {
    const { socket } = request;
    // Those that came in the same packet as the one too many.
    if (socket.destroyed) return;
    const those = unanswered.get(socket) ?? begun(unanswered, socket);
    if (those.size === maximumCount) {
      socket.destroy();
      return;
    }
    those.add(response);
    response.once('close', () => those.delete(response));
    for (const listener of listeners) listener.call(server, request, response);
  });
}

type RequestListener = (this: Server, request: IncomingMessage, response: ServerResponse) => void;

function begun(unanswered: WeakMap<Socket, Set<ServerResponse>>, socket: Socket): Set<ServerResponse> {
  const those = new Set<ServerResponse>();
  unanswered.set(socket, those);
  // Node tells the one whose turn it is.
  socket.once('close', () => {
    for (const response of those)
      if (response.socket === null) {
        response.destroy();
        response.emit('close');
      }
  });
  return those;
}
