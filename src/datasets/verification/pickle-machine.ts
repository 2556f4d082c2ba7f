import { NumpyArray, NumpyType, PickleName, PickleTuple, type PickleValue } from './pickle-values.js';

/** What is wrong with a pickle, and at which byte. */
export class PickleError extends Error {
  override readonly name = 'PickleError';

  constructor(
    readonly offset: number,
    message: string,
  ) {
    super(message);
  }
}

/** Node's strings end at 512 MiB, with an error of their own. */
const maximumTextBytes = 256 * 1024 * 1024;
const maximumNameLength = 100;

/** Meaning by name, of NumPy 1 and 2, and of Python 3's way to write bytes in protocol 2. */
const allowedNames: ReadonlyMap<
  string,
  'reconstruct' | 'array' | 'type' | 'scalar' | 'frombuffer' | 'encode'
> = new Map([
  ['numpy.core.multiarray _reconstruct', 'reconstruct'],
  ['numpy._core.multiarray _reconstruct', 'reconstruct'],
  ['numpy ndarray', 'array'],
  ['numpy dtype', 'type'],
  ['numpy.core.multiarray scalar', 'scalar'],
  ['numpy._core.multiarray scalar', 'scalar'],
  ['numpy.core.numeric _frombuffer', 'frombuffer'],
  ['numpy._core.numeric _frombuffer', 'frombuffer'],
  ['_codecs encode', 'encode'],
]);

/**
 * The bytes of a pickle, the stack and the memo that its opcodes work on, and what the names stand for that it may apply.
 * Whatever it is asked for that is not there is refused.
 */
export class PickleMachine {
  private readonly view: DataView;
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at the marks that are open. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private position = 0;
  /** Bytes that were made from texts. */
  private encodedBytes = 0;
  /** The offset at which the opcode began that is being read. */
  private offset = 0;

  constructor(private readonly bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Begins with the next opcode: what is refused from now on is refused there. */
  nextOpcode(): number {
    this.offset = this.position;
    return this.unsigned(1);
  }

  refused(message: string): PickleError {
    return new PickleError(this.offset, message);
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    // Values below an open mark are not the opcode's to take.
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw this.refused('the stack is empty');
    return this.stack.pop() ?? null;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** The values above the last mark, which is taken away. */
  popMark(): PickleValue[] {
    const height = this.marks.pop();
    if (height === undefined) throw this.refused('there is no mark');
    return this.stack.splice(height);
  }

  /** Values that one opcode takes together. */
  popMany(count: number): PickleValue[] {
    return Array.from({ length: count }, () => this.pop()).reverse();
  }

  appendTo(list: PickleValue, items: readonly PickleValue[]): void {
    if (!Array.isArray(list)) throw this.refused('values are appended to something that is no list');
    for (const item of items) list.push(item);
  }

  memorise(index: number): void {
    this.memo.set(index, this.stack.at(-1) ?? null);
  }

  memoriseNext(): void {
    this.memorise(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw this.refused(`nothing was kept under ${index}`);
    this.push(value);
  }

  unsigned(size: 1 | 2 | 4 | 8): number {
    const start = this.advance(size);
    if (size === 1) return this.view.getUint8(start);
    if (size === 2) return this.view.getUint16(start, true);
    if (size === 4) return this.view.getUint32(start, true);
    const value = this.view.getBigUint64(start, true);
    if (value > BigInt(this.bytes.length)) throw this.refused('a length is beyond the end of the file');
    return Number(value);
  }

  signed32(): number {
    return this.view.getInt32(this.advance(4), true);
  }

  /** A view of the next bytes: nothing is copied. */
  take(count: number): Uint8Array {
    const start = this.advance(count);
    return this.bytes.subarray(start, start + count);
  }

  text(byteCount: number): string {
    if (byteCount > maximumTextBytes) throw this.refused('a text is too long');
    return textOf(this.take(byteCount));
  }

  /** Half of a name. */
  line(): string {
    const ahead = this.bytes.subarray(this.position, this.position + maximumNameLength);
    const length = ahead.indexOf(0x0a);
    if (length < 0) throw this.refused('a name does not end');
    const text = this.text(length);
    this.advance(1);
    return text;
  }

  refer(name: string): void {
    if (name.length > 2 * maximumNameLength) throw this.refused('a name is too long');
    if (!allowedNames.has(name)) throw this.refused(`the name ${JSON.stringify(name)} is not allowed`);
    this.push(new PickleName(name));
  }

  /** What calling one of the allowed names with these arguments would give. */
  reduce(callable: PickleValue, parameters: PickleValue): PickleValue {
    if (!(callable instanceof PickleName) || !(parameters instanceof PickleTuple)) {
      throw this.refused('only the names of NumPy arrays may be applied');
    }
    const [first, second] = parameters.items;
    switch (allowedNames.get(callable.name)) {
      case 'reconstruct':
        return new NumpyArray();
      case 'type':
        if (typeof first === 'string') return new NumpyType(first);
        break;
      case 'scalar':
        if (first instanceof NumpyType && second instanceof Uint8Array) return this.truth(first, second);
        break;
      case 'frombuffer':
        if (first instanceof Uint8Array && second instanceof NumpyType) return arrayOf(first, second);
        break;
      case 'encode':
        if (typeof first === 'string') return this.encode(first);
        break;
    }
    throw this.refused(`${callable.name} is applied to something unexpected`);
  }

  /**
   * The bytes that Python wrote as a text. A text that is kept may be named again and again, a few bytes each time: what
   * comes out may not be more than the file.
   */
  private encode(text: string): Uint8Array {
    this.encodedBytes += text.length;
    if (this.encodedBytes > this.bytes.length) throw this.refused('a text is used too often');
    return Buffer.from(text, 'latin1');
  }

  /** A NumPy scalar that is 0 or 1, of any width and byte order. */
  private truth({ code }: NumpyType, bytes: Uint8Array): boolean {
    const ones = bytes.filter((byte) => byte !== 0);
    const isNumber = /^[|<>=]?(?:[biu]\d|\?)$/u.test(code) && bytes.length > 0;
    const isOne = ones.length === 1 && (bytes[0] === 1 || bytes.at(-1) === 1);
    if (isNumber && (ones.length === 0 || isOne)) return isOne;
    throw this.refused('a NumPy scalar is neither 0 nor 1');
  }

  /** Sets what an array or a type was made without. */
  build(target: PickleValue | undefined, state: PickleValue): void {
    if (target instanceof NumpyType) return;
    if (!(target instanceof NumpyArray) || !(state instanceof PickleTuple)) {
      throw this.refused('a state is set on something that is no array');
    }
    // (version, shape, dtype, is Fortran order, data)
    const [type, , data] = state.items.slice(2);
    if (!(type instanceof NumpyType) || !(data instanceof Uint8Array || typeof data === 'string')) {
      throw this.refused('an array is not made of bytes');
    }
    target.elementType = type.code;
    target.data = typeof data === 'string' ? this.encode(data) : data;
  }

  /** The value on top, which stays. */
  get top(): PickleValue | undefined {
    return this.stack.at(-1);
  }

  private advance(count: number): number {
    const start = this.position;
    if (start + count > this.bytes.length) throw this.refused('the file ends in the middle of a value');
    this.position = start + count;
    return start;
  }
}

function arrayOf(data: Uint8Array, type: NumpyType): NumpyArray {
  const array = new NumpyArray();
  array.data = data;
  array.elementType = type.code;
  return array;
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
