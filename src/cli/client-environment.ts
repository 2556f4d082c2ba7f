/** What a client takes from the environment: `SYMFACE_API_KEY`, where it is not empty. */
export function apiKeyOfEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const apiKey = environment['SYMFACE_API_KEY'];
  return apiKey === '' ? undefined : apiKey;
}

/**
 * The server that is called where nobody says: `SYMFACE_SERVER`, else the port of `SYMFACE_GRPC_PORT` on this machine, where a
 * server of the same environment listens; 50051 where there is neither.
 */
export function serverOfEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const { SYMFACE_SERVER: server = '', SYMFACE_GRPC_PORT: port = '' } = environment;
  if (server !== '') return server;
  return `127.0.0.1:${port === '' ? '50051' : port}`;
}
