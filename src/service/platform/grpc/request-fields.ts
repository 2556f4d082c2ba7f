import { invalidField } from '../../../core/invalid-field.js';
import { isLineOfText, unfitCharactersText } from '../../../core/line-of-text.js';

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

/** The UUID in a resource name. @throws Failure INVALID_ARGUMENT unless the name is "{collection}/{id}" */
export function readUuidName(name: string, collection: string, field: string): string {
  const id = name.startsWith(`${collection}/`) ? name.slice(collection.length + 1) : '';
  if (!uuidPattern.test(id)) throw invalidField(field, `must be "${collection}/{id}"`);
  return id;
}

const maximumDisplayNameCharacters = 256;

/** @throws Failure INVALID_ARGUMENT */
export function readDisplayName(text: string): string {
  return readText(text, 'display_name', maximumDisplayNameCharacters);
}

/** One line of text. @throws Failure INVALID_ARGUMENT */
export function readText(text: string, field: string, maximumCharacters: number): string {
  if (text.length > maximumCharacters) {
    throw invalidField(field, `must have at most ${maximumCharacters} characters, not ${text.length}`);
  }
  if (!isLineOfText(text)) throw invalidField(field, `must not hold ${unfitCharactersText}`);
  return text;
}

/** What a list is searched for. @throws Failure INVALID_ARGUMENT where it is longer than 256 characters */
export function readQuery(text: string): string {
  return readText(text, 'query', 256);
}
