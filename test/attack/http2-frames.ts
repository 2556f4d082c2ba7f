import { connect, type Socket } from 'node:net';

/** Types of frames (RFC 9113, section 6). */
export const frameType = {
  data: 0,
  headers: 1,
  resetStream: 3,
  settings: 4,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;
export const endStream = 0x1;
export const endHeaders = 0x4;
const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** One end of an HTTP/2 connection that follows no rule unless it is told to: frames are written as they are given. */
export class Http2Frames {
  private readonly socket: Socket;
  /** Frames that came, by their type. */
  readonly received = new Map<number, number>();
  /** Resolves when the connection has ended, with the error code of GOAWAY where there was one. */
  readonly ended: Promise<number | undefined>;
  private goAwayCode: number | undefined;
  private rest = Buffer.alloc(0);

  constructor(address: string) {
    const [host = '', port] = address.split(':');
    this.socket = connect(Number(port), host);
    this.socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      this.socket.on('close', () => {
        resolve(this.goAwayCode);
      });
    });
    this.socket.on('data', (bytes: Buffer) => {
      this.read(bytes);
    });
    this.socket.write(preface);
    this.send(frameType.settings, 0, 0);
  }

  get isOpen(): boolean {
    return !this.socket.destroyed && this.socket.writable;
  }

  /** @returns whether the socket takes more at once */
  send(type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): boolean {
    const header = Buffer.alloc(9);
    header.writeUIntBE(payload.length, 0, 3);
    header[3] = type;
    header[4] = flags;
    header.writeUInt32BE(streamId, 5);
    return this.socket.write(Buffer.concat([header, payload]));
  }

  /** Begins a gRPC call. @param headers beside those that every call has; one may stand there twice */
  call(
    streamId: number,
    path: string,
    headers: readonly (readonly [string, string])[] = [],
    flags = endHeaders,
  ): boolean {
    const all = [
      [':method', 'POST'],
      [':scheme', 'http'],
      [':path', path],
      [':authority', 'localhost'],
      ['content-type', 'application/grpc'],
      ['te', 'trailers'],
      ...headers,
    ] as const;
    return this.send(frameType.headers, flags, streamId, headerBlock(all));
  }

  /** Reads nothing from now on: what comes fills the network's buffers. */
  pause(): void {
    this.socket.pause();
  }

  /** Whether megabytes wait that the other side does not take. */
  get isStuck(): boolean {
    return this.socket.writableLength > 4 * 1024 * 1024;
  }

  async drained(): Promise<void> {
    if (!this.socket.writableNeedDrain || this.socket.destroyed) return;
    await new Promise<void>((resolve) => {
      this.socket.once('drain', resolve).once('close', resolve);
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(bytes: Buffer): void {
    let rest = Buffer.concat([this.rest, bytes]);
    while (rest.length >= 9) {
      const length = rest.readUIntBE(0, 3);
      if (rest.length < 9 + length) break;
      const type = rest.readUInt8(3);
      this.received.set(type, (this.received.get(type) ?? 0) + 1);
      if (type === frameType.goAway) this.goAwayCode = rest.readUInt32BE(13);
      rest = rest.subarray(9 + length);
    }
    this.rest = rest;
  }
}

/** HPACK without tables and without Huffman's code: literal fields with new names (RFC 7541, section 6.2.2). */
export function headerBlock(headers: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    headers.map(([name, value]) => Buffer.concat([Buffer.of(0), hpackText(name), hpackText(value)])),
  );
}

function hpackText(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length < 127) return Buffer.concat([Buffer.of(bytes.length), bytes]);
  const prefix = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) prefix.push((rest & 127) | 128);
  return Buffer.concat([Buffer.of(...prefix, rest), bytes]);
}
