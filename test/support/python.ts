import { spawnSync } from 'node:child_process';

/** Debian's own interpreter first: its packages are not seen by interpreters installed beside it. */
const CANDIDATES = ['/usr/bin/python3', 'python3'];

/** A Python that has these modules; undefined where the machine has none. */
export function pythonWith(...modules: readonly string[]): string | undefined {
  return CANDIDATES.find((python) => spawnSync(python, ['-c', `import ${modules.join()}`]).status === 0);
}

/** A Python that has grpcio and protobuf; undefined where the machine has none. */
export function pythonWithGrpc(): string | undefined {
  return pythonWith('grpc', 'google.protobuf');
}

export const NO_PYTHON_REASON =
  'python3-grpcio is not installed here (Debian: apt-get install python3-grpcio)';
