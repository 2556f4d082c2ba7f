import { createHash } from 'node:crypto';
import { isLineOfText, unfitCharactersText } from '../../core/line-of-text.js';
import { requireSubjectId } from '../../service/platform/resource-names.js';

/** Whom images are enrolled as. */
export interface SubjectIdentity {
  readonly subjectId: string;
  /** The name that the subject is shown with; empty where the id says it. */
  readonly displayName: string;
}

/** Letters that have no ASCII base of their own. */
const transliterations: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  Æ: 'Ae',
  œ: 'oe',
  Œ: 'Oe',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  Đ: 'D',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};
const readableCharacters = 40;
/** 48 bits: among a million names two of one digest have a chance of 1 in 500. */
const digestCharacters = 12;
/** The service's limit on a display name. */
const maximumNameCharacters = 256;

/**
 * The subject of a folder's name. A name that can be an id is one; any other becomes the display name of an id that is made of
 * what of it is ASCII and of its digest, the same each time and another one for each name: "José" is `Jose~` and 12 digits.
 * @throws RangeError saying why a name can be neither
 */
export function subjectOfName(folderName: string): SubjectIdentity {
  // File systems write an accent as a character of its own or not: one name all the same.
  const name = folderName.normalize('NFC');
  if (isSubjectId(name)) return { subjectId: name, displayName: '' };
  if (name.length > maximumNameCharacters)
    throw new RangeError(`has ${name.length} characters; at most ${maximumNameCharacters} are kept`);
  if (!isLineOfText(name)) throw new RangeError(`has ${unfitCharactersText}`);
  const digest = createHash('sha256').update(name).digest('hex').slice(0, digestCharacters);
  return { subjectId: `${asciiPart(name)}~${digest}`, displayName: name };
}

function asciiPart(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replace(/\p{L}/gu, (letter) => transliterations[letter] ?? letter)
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9]+/gu, '-')
    .slice(0, readableCharacters)
    .replace(/^-+|-+$/gu, '');
  return ascii === '' ? 'subject' : ascii;
}

function isSubjectId(name: string): boolean {
  try {
    requireSubjectId(name, 'The subject');
    return true;
  } catch {
    return false;
  }
}
