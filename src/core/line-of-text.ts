/**
 * What a name, or another line of text, cannot hold: control characters (PostgreSQL takes no NUL in text), separators of lines and
 * paragraphs, and what sets the direction of the text that follows, by which a name rearranges whatever is shown behind it. Marks and
 * joiners that names in Arabic, Hebrew, Persian or Indic scripts need are none of these.
 */
const unfitCharacters = /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;

export const unfitCharactersText =
  'control characters, separators of lines, or changes of the direction of writing';

/** Whether a text can be shown as a part of a line, and leaves the rest of the line as it is. */
export function isLineOfText(text: string): boolean {
  return !unfitCharacters.test(text);
}
