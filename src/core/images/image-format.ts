/** The formats that are decoded. */
export type DecodedFormat = 'JPEG' | 'PNG' | 'WebP' | 'AVIF' | 'GIF' | 'TIFF' | 'BMP';

/** The formats that are recognised. HEIC is AVIF's container with HEVC in it, whose decoder is not shipped. */
export type ImageFormat = DecodedFormat | 'HEIC';

/** What messages say when something else is sent. */
export const supportedFormatsText = 'JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP';

/** How many of an image's first bytes tell its format. */
export const formatBytes = 256;

/** The first bytes of each format; AVIF and HEIC are told by their `ftyp` box instead. */
const signatures: readonly (readonly [ImageFormat, string])[] = [
  ['JPEG', '\xff\xd8\xff'],
  ['PNG', '\x89PNG\r\n\x1a\n'],
  ['GIF', 'GIF87a'],
  ['GIF', 'GIF89a'],
  ['TIFF', 'II*\0'],
  ['TIFF', 'MM\0*'],
  // BigTIFF
  ['TIFF', 'II+\0'],
  ['TIFF', 'MM\0+'],
];
/** Brands of HEVC still images and bursts; `mif1` and `msf1` alone say nothing of the codec. */
const heicBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'] as const;
/** BITMAPCOREHEADER, BITMAPINFOHEADER, its versions 2 to 5, and OS/2's second: the length that follows 14 bytes. */
const bmpHeaderLengths: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/**
 * Tells the format from the first {@link formatBytes} alone, so that no decoder ever sees bytes of a format that is not
 * allowed (libvips would also open SVG, PDF or raw files), and a file's name does not matter.
 */
export function sniffImageFormat(encoded: Uint8Array): ImageFormat | undefined {
  const start = String.fromCharCode(...encoded.subarray(0, formatBytes));
  const match = signatures.find(([, signature]) => start.startsWith(signature));
  if (match !== undefined) return match[0];
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'WebP';
  if (isBmp(start)) return 'BMP';
  return containerFormat(start);
}

/** Two letters begin texts too, so the length of the header must be one that there is. */
function isBmp(start: string): boolean {
  return start.startsWith('BM') && start.length >= 18 && bmpHeaderLengths.has(uint32(start, 14, 'little'));
}

/** ISO base media `ftyp` box: 4 bytes of length, `ftyp`, the major brand, a version, then compatible brands. */
function containerFormat(start: string): ImageFormat | undefined {
  if (!start.startsWith('ftyp', 4)) return undefined;
  const brands: readonly string[] = start.slice(8, uint32(start, 0, 'big')).match(/[\s\S]{4}/g) ?? [];
  if (brands.includes('avif') || brands.includes('avis')) return 'AVIF';
  return heicBrands.some((brand) => brands.includes(brand)) ? 'HEIC' : undefined;
}

function uint32(start: string, offset: number, order: 'big' | 'little'): number {
  const bytes = [0, 1, 2, 3].map((index) => start.charCodeAt(offset + index));
  const ordered = order === 'big' ? bytes : bytes.reverse();
  return ordered.reduce((value, byte) => value * 256 + byte, 0);
}
