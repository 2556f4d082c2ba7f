/** A photograph that somebody has chosen. It lives in the memory of the page only. */
export interface Photograph {
  /** Of its file, or "from the camera". */
  readonly name: string;
  /** As they were: the service reads JPEG, PNG, WebP, AVIF, GIF, TIFF and BMP. */
  readonly bytes: Uint8Array;
  /** A blob: address to show it by. */
  readonly url: string;
}

/** What is wrong with a file before anybody is asked, and what to do. */
export interface PhotographProblem {
  readonly name: string;
  readonly problem: string;
}

/** The contract's limit of an image. */
const maximumMebibytes = 32;

/** Reads a file as far as it may be a photograph; the service says what else is wrong with it. */
export async function readPhotograph(file: File): Promise<Photograph | PhotographProblem> {
  const { name, size, type } = file;
  const mebibytes = size / 2 ** 20;
  if (size === 0) return { name, problem: `${name} is empty. Choose another file.` };
  if (mebibytes > maximumMebibytes) {
    const problem = `${name} has ${mebibytes.toFixed(0)} MiB; a photograph may have ${maximumMebibytes}. Save it smaller.`;
    return { name, problem };
  }
  if (type !== '' && !type.startsWith('image/')) {
    const problem = `${name} is no photograph (${type}). Choose a JPEG, PNG, WebP, AVIF, GIF, TIFF or BMP.`;
    return { name, problem };
  }
  const bytes = new Uint8Array(await file.arrayBuffer());
  return { name, bytes, url: URL.createObjectURL(file) };
}

export function isProblem(read: Photograph | PhotographProblem): read is PhotographProblem {
  return 'problem' in read;
}

/** Lets the browser forget a photograph that is shown no more. */
export function forgetPhotograph(photograph: Photograph | undefined): void {
  if (photograph !== undefined) URL.revokeObjectURL(photograph.url);
}
