import type { Metadata, ServerInterceptingCallInterface } from '@grpc/grpc-js';

/** The metadata in which the HTTP port says whose call it passes on. */
export const httpPeerKey = 'symface-http-peer';

/** Whence a call came, as far as the network knows. */
export interface CallPeer {
  /** "192.0.2.1" or "2001:db8::1". */
  readonly address: string;
  /** The address and the port of the client's connection. */
  readonly connection: string;
  /** Whether the HTTP port passed it on. */
  readonly isHttp: boolean;
}

/**
 * The peer of a call: over the Unix socket within, which only the own HTTP port reaches, whoever called that.
 * @param call any call, or interceptor's part of one
 */
export function callPeer(
  call: Pick<ServerInterceptingCallInterface, 'getConnectionInfo'>,
  metadata: Metadata,
): CallPeer {
  const { remoteAddress, remotePort } = call.getConnectionInfo();
  if (remoteAddress !== undefined)
    return { address: remoteAddress, connection: connectionName(remoteAddress, remotePort), isHttp: false };
  const [passedOn] = metadata.get(httpPeerKey);
  const connection = typeof passedOn === 'string' ? passedOn : '';
  return { address: connection.replace(/ \d*$/u, ''), connection, isHttp: true };
}

/** One name a connection: two of a client differ by their ports. */
export function connectionName(address = '', port?: number): string {
  return `${address} ${port ?? ''}`;
}
