// npm run migration:run | migration:revert | migration:show | migration:diff: for the database that the settings name.
import { build } from './set-up.mjs';

const commands = {
  run: async (dataSource, description) => {
    const done = await migrate(dataSource, description);
    console.log(done.length === 0 ? 'The schema is up to date.' : `Ran: ${done.join(', ')}`);
  },
  revert: async (dataSource) => {
    await dataSource.undoLastMigration({ transaction: 'all' });
    console.log('Reverted the last migration.');
  },
  show: async (dataSource) => {
    const rows = await executedMigrations(dataSource);
    for (const { name } of dataSource.migrations) console.log(`${rows.has(name) ? '[X]' : '[ ]'} ${name}`);
  },
  // What a new migration has to do so that the schema is what the tables' descriptions say.
  diff: async (dataSource) => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    for (const { query } of upQueries) console.log(`${query};`);
  },
};

const command = commands[process.argv[2]];
if (command === undefined) {
  console.error(`Usage: node scripts/migration.mjs ${Object.keys(commands).join('|')}`);
  process.exit(2);
}
// What it prints is read by programs: the steps before go where people look.
const print = console.log;
console.log = console.error;
await build();
console.log = print;
const { readConfiguration } = await import('../dist/service/platform/configuration/configuration.js');
const { connectDatabase } = await import('../dist/service/platform/database/open-database.js');
const { migrate } = await import('../dist/service/platform/database/migrate.js');
const { tables } = await import('../dist/service/tables.js');
const { dataSource, description, closeStorage } = await connectDatabase(readConfiguration(), tables);
try {
  console.log(description);
  await command(dataSource, description);
} finally {
  await dataSource.destroy();
  await closeStorage();
}

async function executedMigrations(dataSource) {
  const [{ there }] = await dataSource.query("SELECT to_regclass('migrations') IS NOT NULL AS there");
  const rows = there ? await dataSource.query('SELECT name FROM migrations') : [];
  return new Set(rows.map(({ name }) => name));
}
