import { cropContext, measurementName, templateContext } from '../../storage/encryption/sealed-records.js';

/** A column of sealed values, of whichever feature's table. */
export interface SealedColumn {
  readonly name: 'crops' | 'templates' | 'measurements';
  readonly table: string;
  readonly column: string;
  /** The primary key: columns and their types. */
  readonly key: readonly (readonly [name: string, type: string])[];
  /** What a row's value is sealed for. @param key the values of the primary key, as the driver gives them */
  readonly contextOf: (key: readonly unknown[]) => string;
}

/** All that data keys seal in tables. */
export const sealedColumns: readonly SealedColumn[] = [
  {
    name: 'crops',
    table: 'faces',
    column: 'sealed_crop',
    key: [['id', 'uuid']],
    contextOf: ([id]) => cropContext(String(id)),
  },
  {
    name: 'templates',
    table: 'templates',
    column: 'sealed',
    key: [
      ['face_id', 'uuid'],
      ['model_version', 'text'],
    ],
    contextOf: ([faceId, modelVersion]) => templateContext(String(faceId), String(modelVersion)),
  },
  {
    name: 'measurements',
    table: 'measurements',
    column: 'sealed',
    key: [
      ['image_digest', 'bytea'],
      ['image_kind', 'text'],
      ['model_version', 'text'],
      ['detector_version', 'text'],
    ],
    contextOf: ([digest, , modelVersion]) =>
      templateContext(measurementName(digest as Buffer), String(modelVersion)),
  },
];
