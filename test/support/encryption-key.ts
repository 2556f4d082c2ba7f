export const testKeyBytes = new Uint8Array(32).fill(7);
/** As a service's setting. */
export const testEncryptionKey = Buffer.from(testKeyBytes).toString('base64');
