import { counted } from '../../core/counted.js';
import type { DeletionReceipt__Output } from '../../generated/symface/v1/DeletionReceipt.js';

/** What a deletion removed, for people. */
export function receiptLine(receipt: DeletionReceipt__Output | null): string {
  if (receipt === null) throw new Error('The server answered without a receipt.');
  const { subjectCount, faceCount, cropCount, templateCount, id, deleteTime } = receipt;
  return (
    `Deleted ${counted(subjectCount, 'subject')}, ${counted(faceCount, 'face')}, ${counted(cropCount, 'crop')} and ` +
    `${counted(templateCount, 'template')} ` +
    `at ${deleteTime} (receipt ${id}).`
  );
}

export function receiptJson(receipt: DeletionReceipt__Output | null): string {
  return JSON.stringify(receipt);
}
