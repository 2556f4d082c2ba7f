/** A setting that cannot be used; the message names each variable and what it takes. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}
