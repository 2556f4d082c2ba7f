const [newline, tab, carriageReturn, zero] = [0x0a, 0x09, 0x0d, 0x30];
/** More would not be told from each other by a number of double precision. */
const maximumDigits = 15;

/** What is told of a line: its two numbers, and its number from 1. */
export type OnIndexLine = (key: number, offset: number, line: number) => void;

/** What of a line was read: it begins with a key, has an offset behind the tab, and may end with a carriage return. */
type Part = 'key' | 'offset' | 'ended';

/**
 * Reads lines of "key TAB offset" from a file's bytes as they come. No string is made of a line, since there are millions, and a line that
 * never ends is refused at its sixteenth digit.
 */
export class IndexLineReader {
  private line = 1;
  private part: Part = 'key';
  private key = 0;
  private value = 0;
  private digits = 0;

  constructor(private readonly onLine: OnIndexLine) {}

  /** @throws RangeError at a line of another kind; `line` says which */
  read(bytes: Uint8Array): void {
    for (const byte of bytes) {
      const digit = byte - zero;
      if (digit >= 0 && digit <= 9) this.takeDigit(digit);
      else if (byte === newline) this.endLine();
      else this.takeSeparator(byte);
    }
  }

  /** Ends the last line where no newline does. @throws as {@link read} */
  end(): void {
    if (this.part !== 'key' || this.digits > 0) this.endLine();
  }

  /** The line that is being read, from 1. */
  get currentLine(): number {
    return this.line;
  }

  private takeDigit(digit: number): void {
    if (this.part === 'ended' || ++this.digits > maximumDigits) this.refuse();
    this.value = 10 * this.value + digit;
  }

  private takeSeparator(byte: number): void {
    if (this.digits === 0) this.refuse();
    if (byte === tab && this.part === 'key') {
      this.key = this.value;
      this.part = 'offset';
      [this.value, this.digits] = [0, 0];
    } else if (byte === carriageReturn && this.part === 'offset') {
      this.part = 'ended';
    } else {
      this.refuse();
    }
  }

  private endLine(): void {
    if (this.part === 'key' || this.digits === 0) this.refuse();
    this.onLine(this.key, this.value, this.line++);
    this.part = 'key';
    [this.value, this.digits] = [0, 0];
  }

  private refuse(): never {
    throw new RangeError(`line ${this.line} holds no key and offset`);
  }
}
