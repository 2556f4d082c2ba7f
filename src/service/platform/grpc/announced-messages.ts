/** A byte for the compression and four for the length, before each message of gRPC. */
const headerBytes = 5;

/**
 * Reads how large the messages of a request are to become, from the first bytes of each (gRPC over HTTP/2, "Length-Prefixed-Message"),
 * so that one that cannot be taken is refused before it has come.
 */
export class AnnouncedMessages {
  private readonly header = Buffer.alloc(headerBytes);
  private headerLength = 0;
  /** Bytes of the message in hand that are still to come. */
  private missing = 0;

  /** @returns the sizes in bytes, with their headers, of the messages that begin in these bytes of the request */
  begunIn(data: Buffer): readonly number[] {
    const begun: number[] = [];
    for (let at = 0; at < data.length;) {
      if (this.missing > 0) {
        const taken = Math.min(this.missing, data.length - at);
        this.missing -= taken;
        at += taken;
        continue;
      }
      const copied = data.copy(this.header, this.headerLength, at, at + headerBytes - this.headerLength);
      this.headerLength += copied;
      at += copied;
      if (this.headerLength < headerBytes) break;
      this.headerLength = 0;
      this.missing = this.header.readUInt32BE(1);
      begun.push(headerBytes + this.missing);
    }
    return begun;
  }
}
