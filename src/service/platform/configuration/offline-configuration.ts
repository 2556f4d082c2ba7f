import { type Configuration, readConfiguration } from './configuration.js';

/**
 * Reads the configuration for a command that works beside a service, or without one: it listens nowhere, so what the service needs
 * where others reach it (TLS, keys) is not asked for.
 * @throws ConfigurationError naming every wrong variable
 */
export function readOfflineConfiguration(): Configuration {
  return readConfiguration(undefined, { SYMFACE_ALLOW_INSECURE: 'true' });
}
