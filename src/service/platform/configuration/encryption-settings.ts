import { z } from 'zod';

const text = z.string().min(1).optional();
const command = z.string().transform(readCommand).optional();

/** The master key, and the one of before. */
export const encryptionVariables = {
  SYMFACE_ENCRYPTION_KEY: text,
  SYMFACE_ENCRYPTION_KEY_FILE: text,
  SYMFACE_ENCRYPTION_KEY_COMMAND: command,
  SYMFACE_ENCRYPTION_PREVIOUS_KEY: text,
  SYMFACE_ENCRYPTION_PREVIOUS_KEY_FILE: text,
  SYMFACE_ENCRYPTION_PREVIOUS_KEY_COMMAND: command,
};

/** Where a master key comes from: the first of these that is set. */
export interface KeySource {
  /** Base64 of 32 bytes. */
  readonly key: string | undefined;
  readonly file: string | undefined;
  /** A program and its arguments, which prints the key. */
  readonly command: readonly string[] | undefined;
}

export interface EncryptionSettings {
  /** Where the master key comes from. */
  readonly encryptionKey: KeySource;
  /** Where the one of before comes from, while it is changed. */
  readonly previousEncryptionKey: KeySource;
}

export function readEncryption(
  settings: z.infer<z.ZodObject<typeof encryptionVariables>>,
): EncryptionSettings {
  return {
    encryptionKey: {
      key: settings.SYMFACE_ENCRYPTION_KEY,
      file: settings.SYMFACE_ENCRYPTION_KEY_FILE,
      command: settings.SYMFACE_ENCRYPTION_KEY_COMMAND,
    },
    previousEncryptionKey: {
      key: settings.SYMFACE_ENCRYPTION_PREVIOUS_KEY,
      file: settings.SYMFACE_ENCRYPTION_PREVIOUS_KEY_FILE,
      command: settings.SYMFACE_ENCRYPTION_PREVIOUS_KEY_COMMAND,
    },
  };
}

/** A program and its arguments: words with spaces between them, or a JSON array of texts. There is no shell. */
function readCommand(text: string, context: z.RefinementCtx): readonly string[] {
  const words = text.trimStart().startsWith('[')
    ? jsonArray(text)
    : text.split(/\s+/u).filter((word) => word !== '');
  const parsed = z.array(z.string()).min(1).safeParse(words);
  if (parsed.success) return parsed.data;
  context.addIssue({
    code: 'custom',
    message: 'takes a program and its arguments with spaces between them, or as a JSON array of texts',
  });
  return z.NEVER;
}

function jsonArray(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
