/** @returns a small JPEG of an encoded image. @throws Failure of the image */
export type MakeThumbnail = (encoded: Uint8Array) => Promise<Uint8Array>;
