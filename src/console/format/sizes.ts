/** Bytes as megabytes: "13.6 MB". */
export function megabytes(bytes: bigint): string {
  return `${(Number(bytes) / 1e6).toLocaleString(undefined, { maximumFractionDigits: 1 })} MB`;
}
