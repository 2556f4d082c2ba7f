// Begins to write an artifact, says `writing` once most of it was taken, and waits to be killed:
// node killed-artifact-writer.mjs directory|embedded|postgres FOLDER|URL NAME
import { setTimeout as sleep } from 'node:timers/promises';
import { openDatabase } from '../../dist/service/platform/database/open-database.js';
import { tables } from '../../dist/service/tables.js';
import { PostgresArtifactStore } from '../../dist/service/platform/artifacts/postgres-artifact-store.js';
import { DirectoryArtifactStore } from '../../dist/storage/artifacts/directory-artifact-store.js';

const [kind, place, name] = process.argv.slice(2);

async function openStore() {
  if (kind === 'directory') return new DirectoryArtifactStore(place);
  const settings =
    kind === 'embedded'
      ? { databaseUrl: undefined, dataFolder: place }
      : { databaseUrl: place, dataFolder: '' };
  return new PostgresArtifactStore(await openDatabase(settings, tables));
}

async function* content() {
  for (let megabyte = 0; megabyte < 6; megabyte++) yield Buffer.alloc(1 << 20, megabyte);
  process.stdout.write('writing\n');
  await sleep(600_000);
}

await (await openStore()).write(name, content());
