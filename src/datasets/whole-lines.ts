import { createReadStream } from 'node:fs';

const newline = 0x0a;

/** A line with its newline. */
export interface WholeLine {
  /** The line without its newline. */
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
  /** Bytes of the file up to and with the newline. */
  readonly endOffset: number;
}

/**
 * The lines of a file that are whole, as they are read.
 * @param maximumBytes of one line
 * @param unended what follows the last newline: it is left out, or a line too
 * @throws RangeError at a line that is longer, so that no file is too large to be looked into
 */
export async function* wholeLines(
  path: string,
  maximumBytes: number,
  unended: 'left-out' | 'read' = 'left-out',
): AsyncGenerator<WholeLine> {
  let rest = Buffer.alloc(0);
  let line = 0;
  let endOffset = 0;
  for await (const chunk of createReadStream(path)) {
    const bytes = Buffer.concat([rest, chunk as Buffer]);
    let start = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, start)) {
      endOffset += end + 1 - start;
      yield { text: bytes.toString('utf8', start, end), line: ++line, endOffset };
      start = end + 1;
    }
    rest = bytes.subarray(start);
    if (rest.length > maximumBytes)
      throw new RangeError(`line ${line + 1} is longer than ${maximumBytes} bytes`);
  }
  if (unended === 'read' && rest.length > 0)
    yield { text: rest.toString('utf8'), line: line + 1, endOffset: endOffset + rest.length };
}
