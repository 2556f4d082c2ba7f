/** A manifest for people: without the thousands of numbers of its self-check, and of bands, of which its calibration has a summary. */
export function manifestText(manifest: unknown): string {
  return JSON.stringify(manifest, withoutNumbers, 2);
}

function withoutNumbers(key: string, value: unknown): unknown {
  if (key === 'selfCheck') return undefined;
  return /bands$/iu.test(key) && Array.isArray(value) ? `${value.length} bands` : value;
}
