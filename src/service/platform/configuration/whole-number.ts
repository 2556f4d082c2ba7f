import { z } from 'zod';

/**
 * A whole number that a person wrote: digits, nothing else. What JavaScript takes for numbers besides ("0x10", "1e9", "" for
 * 0) is a mistake in a setting.
 */
export function wholeNumber(from: number, to: number): z.ZodType<number, string> {
  return z.string().transform((text, context) => {
    const digits = text.trim();
    const value = /^\d{1,16}$/u.test(digits) ? Number(digits) : Number.NaN;
    if (value >= from && value <= to) return value;
    context.addIssue({
      code: 'custom',
      message: `takes a whole number from ${from} to ${to}, not "${shortened(text)}"`,
    });
    return z.NEVER;
  });
}

/** A text that a message may have, however long it was and whatever is in it. */
function shortened(text: string): string {
  const shown = text.replaceAll(/\p{C}/gu, '?');
  return shown.length <= 40 ? shown : `${shown.slice(0, 40)}…`;
}
