/**
 * Node warns (DEP0123) where TLS is asked to name a server by its address, as grpc-js 1.14 does with `--server 10.0.0.5:50051`.
 * The certificate is checked against that address all the same, and whoever types the command can do nothing about it.
 */
export function keepQuietAboutAddresses(): void {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = ((...warning: Parameters<typeof emit>) => {
    if (!(warning as readonly unknown[]).includes('DEP0123')) emit(...warning);
  }) as typeof process.emitWarning;
}
