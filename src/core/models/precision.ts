/** Numbers that a backbone computes with. */
export const precisions = ['float32', 'int8'] as const;
export type Precision = (typeof precisions)[number];

/** Of a backbone with 8-bit convolutions. Names have 64 characters at most. */
export function int8Name(displayName: string): string {
  return `${displayName.slice(0, 59)}-int8`;
}
