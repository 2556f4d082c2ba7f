/** The formats that are decoded. */
export type ImageFormat = 'JPEG' | 'PNG' | 'WebP' | 'AVIF' | 'GIF' | 'TIFF';

/** What messages say when something else is sent. */
export const supportedFormatsText = 'JPEG, PNG, WebP, AVIF, GIF or TIFF';

/** The first bytes of each format; AVIF is told by its `ftyp` box instead. */
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

/**
 * Tells the format from the first bytes alone, so that no decoder ever sees bytes of a format that is not allowed
 * (libvips would also open SVG, PDF or raw files).
 */
export function sniffImageFormat(encoded: Uint8Array): ImageFormat | undefined {
  const start = Buffer.from(encoded.buffer, encoded.byteOffset, Math.min(encoded.byteLength, 256)).toString(
    'latin1',
  );
  const match = signatures.find(([, signature]) => start.startsWith(signature));
  if (match !== undefined) return match[0];
  if (start.startsWith('RIFF') && start.startsWith('WEBP', 8)) return 'WebP';
  return isAvif(start) ? 'AVIF' : undefined;
}

/**
 * ISO base media `ftyp` box: 4 bytes of length, `ftyp`, the major brand, a version, then compatible brands.
 * HEIC shares the container under other brands; it needs a decoder for HEVC, which is not shipped.
 */
function isAvif(start: string): boolean {
  if (!start.startsWith('ftyp', 4)) return false;
  const boxLength = Buffer.from(start.slice(0, 4), 'latin1').readUInt32BE();
  const brands: readonly string[] = start.slice(8, boxLength).match(/[\s\S]{4}/g) ?? [];
  return brands.includes('avif') || brands.includes('avis');
}
