import { counted } from '../../../core/counted.js';
import type { JSX } from 'preact';
import { DetailList } from '../../components/detail-list.js';
import { Time } from '../../components/time.js';
import { useObjectUrl } from '../../components/use-object-url.js';
import type { DeletionReceipt } from '../../generated/symface/v1/enrollment_service_pb.js';
import { useMemo } from 'preact/hooks';

interface ReceiptNoticeProps {
  /** Name of what was deleted. */
  readonly deleted: string;
  readonly receipt: DeletionReceipt;
}

/** What a deletion removed, to be kept: the audit log has it under the same id. */
export function ReceiptNotice({ deleted, receipt }: ReceiptNoticeProps): JSX.Element {
  const bytes = useMemo(() => new TextEncoder().encode(receiptJson(deleted, receipt)), [deleted, receipt]);
  const url = useObjectUrl(bytes, 'application/json');
  return (
    <div class="notice notice-good" role="status">
      <p>
        <strong>Deleted {deleted}</strong>
      </p>
      <DetailList
        details={[
          ['Receipt', <code key="id">{receipt.id}</code>],
          ['At', <Time key="time" value={receipt.deleteTime} />],
          [
            'Removed',
            [
              counted(receipt.subjectCount, 'subject'),
              counted(receipt.faceCount, 'face'),
              counted(receipt.cropCount, 'crop'),
              counted(receipt.templateCount, 'template'),
            ].join(', '),
          ],
        ]}
      />
      <a class="button" href={url ?? ''} download={`receipt-${receipt.id}.json`}>
        Download the receipt
      </a>
    </div>
  );
}

function receiptJson(deleted: string, receipt: DeletionReceipt): string {
  const { id, deleteTime, subjectCount, faceCount, cropCount, templateCount } = receipt;
  const counts = {
    subjectCount: Number(subjectCount),
    faceCount: Number(faceCount),
    cropCount: Number(cropCount),
    templateCount: Number(templateCount),
  };
  return JSON.stringify({ id, deleted, deleteTime, ...counts }, null, 2);
}
