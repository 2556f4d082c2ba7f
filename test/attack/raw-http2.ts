import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';

/** How a call on a connection of one's own ended: the name of the gRPC status, or what became of the connection. */
export type Http2Outcome = string;

/** A connection to a gRPC port without a gRPC library between. */
export function connectTo(address: string): ClientHttp2Session {
  const session = connect(`http://${address}`);
  session.on('error', () => undefined);
  return session;
}

/** A message with its length before it, as gRPC frames it. @param isCompressed whether it says that it is */
export function framed(message: Uint8Array, isCompressed = false): Buffer {
  const header = Buffer.alloc(5);
  header[0] = isCompressed ? 1 : 0;
  header.writeUInt32BE(message.length, 1);
  return Buffer.concat([header, message]);
}

/** Calls a method with a body that need not be whole. @param body undefined sends nothing, and leaves the request open */
export async function callOver(
  session: ClientHttp2Session,
  path: string,
  headers: OutgoingHttpHeaders,
  body: Uint8Array | undefined,
  isEnded = true,
): Promise<Http2Outcome> {
  const stream = session.request({
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  return new Promise((resolve) => {
    const read = (received: Readonly<Record<string, unknown>>): void => {
      const [code, http] = [received['grpc-status'], Number(received[':status'])];
      if (code !== undefined) resolve(status[Number(code)] ?? `status ${Number(code)}`);
      else if (http > 200) resolve(`HTTP ${http}`);
    };
    stream.on('response', read).on('trailers', read);
    stream.on('error', (error: Error) => {
      resolve(error.message);
    });
    stream.on('close', () => {
      resolve('closed without a status');
    });
    stream.resume();
    if (body !== undefined) stream.write(body);
    if (isEnded) stream.end();
  });
}
