/** Paths of the health service begin so. Probes have no keys: whoever reaches the port may call it, and watch it without an end. */
const healthService = '/grpc.health.v1.Health/';

/** @param path `/package.Service/Method`; undefined of a request without one */
export function isOfHealthService(path: string | undefined): boolean {
  return path?.startsWith(healthService) === true;
}
