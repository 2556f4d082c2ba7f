import { ConfigurationError } from './configuration/configuration-error.js';

/**
 * Begins to listen at a port.
 * @param setting the variable that names the port
 * @throws ConfigurationError where another process has it; what `listen` throws
 */
export async function listenAtPort(
  setting: string,
  port: number,
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    // grpc-js keeps the system's code in its text only.
    if (!(error instanceof Error) || !/\bEADDRINUSE\b/u.test(error.message)) throw error;
    throw new ConfigurationError(
      `${setting}: port ${port} is in use already. Choose another one, or end what listens there.`,
      { cause: error },
    );
  }
}
