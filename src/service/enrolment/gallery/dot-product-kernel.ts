/**
 * A WebAssembly function, written out instruction by instruction, since a loop in JavaScript takes fourteen times as long
 * (docs/adr/0020-a-scan-of-whole-numbers.md). Opcodes are those of the WebAssembly core specification 2.0, section 5.4.
 */

/** `dots(rows, count, stride, probe, answers)`, all of them bytes but the count. */
export type DotProducts = (
  rows: number,
  count: number,
  stride: number,
  probe: number,
  answers: number,
) => void;

/** How many numbers are multiplied at once: what a row has must be a multiple. */
export const numbersAtOnce = 16;

const [i32, v128] = [0x7f, 0x7b];
const local = {
  rows: 0,
  count: 1,
  stride: 2,
  probe: 3,
  answers: 4,
  end: 5,
  at: 6,
  stop: 7,
  low: 8,
  high: 9,
  row: 10,
};

const get = (index: number): readonly number[] => [0x20, index];
const set = (index: number): readonly number[] => [0x21, index];
/** Of at most 63, so that its LEB128 is one byte. */
const constant = (value: number): readonly number[] => [0x41, value];
const add = [0x6a];
const shiftLeft = [0x74];
const isBelow = [0x49];
const isNotBelow = [0x4f];
const storeInteger = [0x36, 0x02, 0x00];
const block = [0x02, 0x40];
const loop = [0x03, 0x40];
const end = [0x0b];
const branch = (depth: number): readonly number[] => [0x0c, depth];
const branchIf = (depth: number): readonly number[] => [0x0d, depth];

const simd = (...opcode: readonly number[]): readonly number[] => [0xfd, ...opcode];
const load = (offset: number): readonly number[] => simd(0x00, 0x00, offset);
const zero = simd(0x0c, ...new Array<number>(16).fill(0));
const lowHalf = simd(0x87, 0x01);
const highHalf = simd(0x88, 0x01);
const addLanes = simd(0xae, 0x01);
const multiplyPairs = simd(0xba, 0x01);
const lane = (index: number): readonly number[] => simd(0x1b, index);

/** Multiplies half of the 16 numbers of `row` with eight of the probe's, and adds the products to the sum. */
function addProducts(sum: number, half: readonly number[], probeOffset: number): readonly number[] {
  const numbers = [...get(local.row), ...half, ...get(local.at), ...load(probeOffset)];
  return [...get(sum), ...numbers, ...multiplyPairs, ...addLanes, ...set(sum)];
}

function advance(index: number, bytes: number): readonly number[] {
  return [...get(index), ...constant(bytes), ...add, ...set(index)];
}

const eachSixteen = [
  ...[...get(local.rows), ...load(0), ...set(local.row)],
  ...addProducts(local.low, lowHalf, 0),
  ...addProducts(local.high, highHalf, 16),
  ...advance(local.at, 32),
  ...advance(local.rows, 16),
];

const sumOfLanes = [
  ...[...get(local.low), ...get(local.high), ...addLanes, ...set(local.low)],
  ...[...get(local.low), ...lane(0), ...get(local.low), ...lane(1), ...add],
  ...[...get(local.low), ...lane(2), ...get(local.low), ...lane(3), ...add],
  ...add,
];

const eachRow = [
  ...[...zero, ...set(local.low), ...zero, ...set(local.high), ...get(local.probe), ...set(local.at)],
  ...[...get(local.rows), ...get(local.stride), ...add, ...set(local.stop)],
  ...[...loop, ...eachSixteen, ...get(local.rows), ...get(local.stop), ...isBelow, ...branchIf(0), ...end],
  ...[...get(local.answers), ...sumOfLanes, ...storeInteger],
  ...advance(local.answers, 4),
];

const body = [
  ...[0x02, 0x03, i32, 0x03, v128],
  ...[...get(local.answers), ...get(local.count), ...constant(2), ...shiftLeft, ...add, ...set(local.end)],
  ...[...block, ...loop, ...get(local.answers), ...get(local.end), ...isNotBelow, ...branchIf(1)],
  ...eachRow,
  ...[...branch(0), ...end, ...end, ...end],
];

/** Unsigned LEB128. */
function size(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...size(value >>> 7)];
}

function sized(content: readonly number[]): readonly number[] {
  return [...size(content.length), ...content];
}

function name(text: string): readonly number[] {
  return sized([...new TextEncoder().encode(text)]);
}

function section(id: number, content: readonly number[]): readonly number[] {
  return [id, ...sized(content)];
}

const moduleBytes = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
  ...section(1, [0x01, 0x60, 0x05, i32, i32, i32, i32, i32, 0x00]),
  ...section(2, [0x01, ...name('gallery'), ...name('memory'), 0x02, 0x00, 0x01]),
  ...section(3, [0x01, 0x00]),
  ...section(7, [0x01, ...name('dots'), 0x00, 0x00]),
  ...section(10, [0x01, ...sized(body)]),
]);

const kernel = new WebAssembly.Module(moduleBytes);

/**
 * The function over a memory: Σ row_i probe_i of each row.
 *
 * Rows are `count` times `stride` signed bytes, the probe `stride` signed 16-bit numbers, and the answers `count` signed
 * 32-bit ones; the sums must fit those, and `stride` is a multiple of {@link numbersAtOnce}.
 */
export function dotProductsIn(memory: WebAssembly.Memory): DotProducts {
  const { exports } = new WebAssembly.Instance(kernel, { gallery: { memory } });
  return exports['dots'] as DotProducts;
}
