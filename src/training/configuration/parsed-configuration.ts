import { parse, YAMLParseError } from 'yaml';
import type { z } from 'zod';

import { Failure } from '../../core/failure.js';

/**
 * YAML text as what the schema describes.
 *
 * @param file the name that messages give the text
 * @throws Failure INVALID_ARGUMENT naming the setting that is wrong
 */
export function parsedAs<Settings>(schema: z.ZodType<Settings>, text: string, file: string): Settings {
  const parsed = schema.safeParse(yamlValue(text, file));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const setting = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw invalidConfiguration(`${file}: ${setting}${messageOf(issue)}`, parsed.error);
}

/** A setting that is not there is told so, not by the type that JavaScript has for it. */
function messageOf(issue: { readonly message: string } | undefined): string {
  if (issue === undefined) return 'is no configuration';
  return issue.message.endsWith('received undefined') ? 'is missing' : issue.message;
}

/** The value of YAML text. @throws Failure INVALID_ARGUMENT where it is none */
export function yamlValue(text: string, file: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw invalidConfiguration(`${file}: ${error.message.split('\n')[0] ?? ''}`, error);
  }
}

export function invalidConfiguration(message: string, cause?: unknown): Failure {
  return new Failure('INVALID_ARGUMENT', message, {}, [], { cause });
}
