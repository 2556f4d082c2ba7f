import type { GetEncryptionStatusResponse__Output } from '../../generated/symface/v1/GetEncryptionStatusResponse.js';
import { shortTime, tableLines } from './table.js';

/** The keys and what they seal, for people. */
export function encryptionLines(status: GetEncryptionStatusResponse__Output): readonly string[] {
  const { masterKeyId, previousMasterKeyId, dataKeys } = status;
  const rows = dataKeys.map((key) => [
    String(key.number),
    key.retireTime === '' ? 'seals' : `opens, since ${shortTime(key.retireTime)}`,
    key.masterKeyId,
    shortTime(key.createTime),
    ...[key.cropCount, key.templateCount, key.measurementCount, key.trainingCount].map(String),
  ]);
  const isOthers = dataKeys.some((key) => key.masterKeyId !== masterKeyId);
  return [
    `master key ${masterKeyId}${previousMasterKeyId === '' ? '' : `, and ${previousMasterKeyId} of before`}`,
    ...tableLines(
      ['DATA KEY', 'STATE', 'MASTER KEY', 'CREATED', 'CROPS', 'TEMPLATES', 'MEASUREMENTS', 'TRAININGS'],
      rows,
    ),
    ...(isOthers ? ['Another master key seals data keys: "symface encryption rewrap" changes that.'] : []),
  ];
}
