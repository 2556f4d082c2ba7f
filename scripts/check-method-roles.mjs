// npm run check:roles [-- <folder of .proto files>]
// Fails where a method of the contract does not say who may call it: option (symface.v1.role).
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadSync } from '@grpc/proto-loader';

const contractFolder = fileURLToPath(new URL('../proto', import.meta.url));
const [, , folder = join(contractFolder, 'symface')] = process.argv;

const files = readdirSync(folder, { encoding: 'utf8', recursive: true })
  .filter((name) => name.endsWith('.proto'))
  .map((name) => join(folder, name));
const definitions = loadSync(files, { enums: String, includeDirs: [contractFolder] });
const services = Object.values(definitions).filter((definition) => !('format' in definition));
const methods = services.flatMap((service) => Object.values(service));
const silent = methods.filter(
  ({ options }) => !/^ROLE_(?:NONE|CLIENT|ADMIN)$/u.test(options['(symface.v1.role)']),
);

for (const { path } of silent) {
  console.error(`${path.slice(1)} says nothing of who may call it: option (symface.v1.role) = ROLE_...;`);
}
if (methods.length === 0) console.error(`No method was found below ${folder}.`);
process.exitCode = silent.length > 0 || methods.length === 0 ? 1 : 0;
