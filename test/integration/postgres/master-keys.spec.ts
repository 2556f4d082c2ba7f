import { beforeEach, expect, it } from 'vitest';
import { RewrapDataKeys } from '../../../src/service/encryption/rewrap-data-keys.js';
import { sealedColumns } from '../../../src/service/encryption/sealed-columns.js';
import { SealedValueStore } from '../../../src/service/encryption/sealed-value.store.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { DataKeys } from '../../../src/service/platform/encryption/data-keys.js';
import { tables } from '../../../src/service/tables.js';
import { MasterKey } from '../../../src/storage/encryption/master-key.js';
import { sealCrop, sealTemplate } from '../../../src/storage/encryption/sealed-records.js';
import { DecryptionError, oneKey, SecretBox } from '../../../src/storage/encryption/secret-box.js';
import { describeOnEveryDatabase, testMasters } from '../../support/databases.js';
import { unitVector } from '../../support/enrolments.js';
import { keyAdministrator, keyModel, KeySuite, keySubject } from '../../support/key-suite.js';

describeOnEveryDatabase('master keys', (test) => {
  const suite = new KeySuite(test);

  beforeEach(async () => {
    await suite.begin();
  });

  it('of before become the first data key, so that nothing stored is rewritten', async () => {
    const former = new SecretBox(oneKey(testMasters.configured.key));
    await suite.enrol('ada', 1);
    const [face] = (await suite.faces().templatesOf(keySubject('ada'), keyModel)).templates;
    await test.database.rows('UPDATE faces SET sealed_crop = $1', [
      Buffer.from(sealCrop(former, face!.faceId, Buffer.from('the bytes of a crop'))),
    ]);
    await test.database.rows('UPDATE templates SET sealed = $1', [
      Buffer.from(sealTemplate(former, face!.faceId, keyModel, unitVector(1))),
    ]);
    // As a database of before has it.
    await test.database.rows('ALTER TABLE faces DISABLE TRIGGER ALL');
    await test.database.rows('ALTER TABLE templates DISABLE TRIGGER ALL');
    await test.database.rows('ALTER TABLE data_keys DISABLE TRIGGER ALL');
    await test.database.rows('DELETE FROM data_keys');
    for (const table of ['faces', 'templates', 'data_keys'])
      await test.database.rows(`ALTER TABLE ${table} ENABLE TRIGGER ALL`);
    const sealed = Buffer.from(former.seal(Buffer.from('symface encryption check'), 'encryption check'));
    await test.database.rows('INSERT INTO encryption_checks (id, sealed) VALUES (1, $1)', [sealed]);

    const wrong = { configured: new MasterKey(new Uint8Array(32).fill(8)), previous: undefined };
    await expect(DataKeys.open(test.database, wrong)).rejects.toThrow(/another key.*PREVIOUS_KEY_FILE/u);
    // The new key is configured at the update already: the key of before opens, and seals until "rewrap".
    const both = { configured: wrong.configured, previous: testMasters.configured };
    const keys = await DataKeys.open(test.database, both);
    expect(await suite.readable('ada', suite.faces(keys))).toBe(1);
    expect(await suite.status(keys)).toMatchObject([
      { number: 1, masterKeyId: testMasters.configured.id, crops: 1 },
    ]);
    expect(Buffer.from(keys.digestKey)).not.toEqual(Buffer.from(test.keys.digestKey));
  });

  it('are sealed anew by a new master key, without which a copy of the database opens nothing', async () => {
    await suite.enrol('ada', 2);
    const former = testMasters.configured;
    const masters = { configured: new MasterKey(new Uint8Array(32).fill(9)), previous: former };
    const keys = await DataKeys.open(test.database, masters);
    await suite.run(await suite.rotate(keys), { keys });
    expect(await suite.status(keys)).toMatchObject([{ number: 2, masterKeyId: former.id }]);
    expect(await new RewrapDataKeys(test.database, keys).execute(keyAdministrator)).toBe(2);
    expect(await new RewrapDataKeys(test.database, keys).execute(keyAdministrator)).toBe(0);
    expect(await suite.status(keys)).toMatchObject([{ number: 2, masterKeyId: masters.configured.id }]);
    const [event] = await test.database.rows<object>(
      'SELECT actor, action, target, details FROM audit_events ORDER BY sequence DESC LIMIT 1',
    );
    expect(event).toEqual({
      actor: keyAdministrator.actor,
      action: 'encryption.rewrap',
      target: `masterKeys/${masters.configured.id}`,
      details: { keys: '2' },
    });
    await expect(DataKeys.open(test.database, testMasters)).rejects.toThrow(
      new RegExp(`another key \\(master key ${masters.configured.id}\\)`, 'u'),
    );
    expect(await opened(former)).toBe(0);
    expect(await opened(masters.configured)).toBe(4);
    const alone = await DataKeys.open(test.database, { configured: masters.configured, previous: undefined });
    expect(await suite.readable('ada', suite.faces(alone))).toBe(2);
  });

  /** How many of all values whoever has a copy of the database and a master key can open. */
  async function opened(master: MasterKey): Promise<number> {
    const rows = await test.database.rows<{ number: number; sealed: Buffer }>(
      'SELECT number, sealed FROM data_keys',
    );
    const known = new Map<number, Uint8Array>([[1, master.key]]);
    for (const { number, sealed } of rows) {
      try {
        known.set(number, master.openDataKey(number, sealed));
      } catch (error) {
        expect(error).toBeInstanceOf(DecryptionError);
      }
    }
    const box = new SecretBox({ current: 1, keys: known });
    let count = 0;
    for (const column of sealedColumns) {
      for (const { key, sealed } of await new SealedValueStore(test.database).sealedByOthers(
        column,
        0,
        undefined,
        99,
      )) {
        try {
          box.open(sealed ?? Buffer.of(), column.contextOf(key));
          count++;
        } catch (error) {
          expect(error).toBeInstanceOf(DecryptionError);
        }
      }
    }
    return count;
  }

  it('of a master key that a process was not given are refused in words, and drop no face', async () => {
    await suite.enrol('ada', 1);
    const configured = new MasterKey(new Uint8Array(32).fill(9));
    const changed = await DataKeys.open(test.database, { configured, previous: testMasters.configured });
    await new RewrapDataKeys(test.database, changed).execute(keyAdministrator);
    const job = await suite.rotate(changed);
    // This process goes on with what it knows.
    expect(await suite.readable('ada')).toBe(1);
    await suite.enrol('new', 1, suite.faces(changed));
    await suite.run(job, { keys: changed });
    await expect(suite.readable('ada')).rejects.toMatchObject({
      reason: 'ENCRYPTION_KEY_UNKNOWN',
      metadata: { data_key: '2', master_key_id: configured.id },
    });
    await test.keys.read();
    await expect(suite.enrol('bob', 1)).rejects.toMatchObject({ reason: 'ENCRYPTION_KEY_UNKNOWN' });
    expect(suite.damaged).toEqual([]);
  });

  it('are opened with one database handle and closed with it', async () => {
    const { databaseUrl } = test.settings;
    if (databaseUrl === undefined) await test.database.close();
    const database = await openDatabase(test.settings, tables);
    const again = await Promise.all([1, 2].map(async () => DataKeys.open(database, testMasters)));
    expect(again.map(({ digestKey }) => Buffer.from(digestKey).toString('hex'))).toEqual(
      Array.from({ length: 2 }, () => Buffer.from(test.keys.digestKey).toString('hex')),
    );
    await database.close();
    if (databaseUrl === undefined) await test.reopen();
  });
});
