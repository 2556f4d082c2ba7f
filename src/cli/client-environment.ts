/** What a client takes from the environment: `SYMFACE_API_KEY`, where it is not empty. */
export function apiKeyOfEnvironment(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | undefined {
  const apiKey = environment['SYMFACE_API_KEY'];
  return apiKey === '' ? undefined : apiKey;
}
