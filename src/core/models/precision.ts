/** Numbers that a backbone computes with. */
export const precisions = ['float32', 'int8'] as const;
export type Precision = (typeof precisions)[number];

/** The display name of a backbone with 8-bit convolutions, cut to the 64 characters that a name may have. */
export function int8Name(displayName: string): string {
  return `${displayName.slice(0, 59)}-int8`;
}
