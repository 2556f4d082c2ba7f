import { ApiKeyStore } from './api-key.store.js';
import { type CreateApiKeyCommand, ManageApiKeys } from './manage-api-keys.js';
import { readOfflineConfiguration } from '../../platform/configuration/offline-configuration.js';
import { operatorCaller } from '../caller.js';
import { openStorage } from '../../platform/open-storage.js';
import { tables } from '../../tables.js';

/**
 * Makes a key in the database that the settings name, for whoever has access to it: how the first key comes about.
 * @throws ConfigurationError where the database cannot be opened, for example since the service uses the embedded one
 */
export async function createKeyOffline(
  command: CreateApiKeyCommand,
  warn: (message: string) => void,
): Promise<{ readonly id: string; readonly secret: string }> {
  const { database } = await openStorage(readOfflineConfiguration(), { warn }, tables);
  try {
    const keys = new ManageApiKeys(new ApiKeyStore(database));
    const { key, secretText } = await keys.create(command, operatorCaller);
    return { id: key.id, secret: secretText };
  } finally {
    await database.close();
  }
}
