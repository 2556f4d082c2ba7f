import type { Role } from './caller.js';
import type { KeyLimits } from './key-limits.js';

/** An API key as the service keeps it, without its secret. */
export interface ApiKey extends KeyLimits {
  readonly id: string;
  readonly tenant: string;
  readonly role: Role;
  readonly displayName: string;
  readonly createTime: Date;
  readonly revokeTime: Date | undefined;
}

const secretPattern = /^sfk_(?<id>[0-9a-f]{16})_(?<secret>[A-Za-z0-9_-]{43})$/u;

/**
 * The text that the client sends: its prefix lets secret scanners find leaked keys, its id says which key to look up.
 */
export function apiKeyText(id: string, secret: string): string {
  return `sfk_${id}_${secret}`;
}

/** @returns undefined for text that cannot be a key */
export function parseApiKeyText(text: string): { readonly id: string; readonly secret: string } | undefined {
  const { id, secret } = secretPattern.exec(text)?.groups ?? {};
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

const nameStart = 'apiKeys/';

export function apiKeyName(id: string): string {
  return `${nameStart}${id}`;
}

/** @returns undefined unless the name is "apiKeys/{id}" */
export function parseApiKeyName(name: string): string | undefined {
  const id = name.startsWith(nameStart) ? name.slice(nameStart.length) : '';
  return /^[0-9a-f]{16}$/u.test(id) ? id : undefined;
}
