import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Loading } from '../../components/loading.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import {
  EncryptionService,
  type GetEncryptionStatusResponse,
} from '../../generated/symface/v1/encryption_service_pb.js';
import { DataKeyTable } from './data-key-table.js';

/** The keys that faces are encrypted with: shown when asked for, since every face is counted for it. */
export function EncryptionSection(): JSX.Element {
  const [isWanted, setWanted] = useState(false);
  return (
    <Section
      title="Encryption keys"
      lead="A master key, which you keep, seals data keys; data keys seal crops and templates. Both are changed while the service goes on."
    >
      {isWanted ? (
        <EncryptionKeys />
      ) : (
        <button
          type="button"
          class="button"
          onClick={() => {
            setWanted(true);
          }}
        >
          Count what each key seals
        </button>
      )}
    </Section>
  );
}

function EncryptionKeys(): JSX.Element {
  const encryption = useClient(EncryptionService);
  const status = useLoaded(async (signal) => encryption.getEncryptionStatus({}, { signal }), [encryption]);
  const rewrap = useAction(async (signal) => {
    await encryption.rewrapDataKeys({}, { signal });
    status.reload();
  });
  const rotate = useAction(async (signal) => {
    const { job } = await encryption.rotateDataKey({}, { signal });
    window.location.hash = addressOf('learning', 'jobs', idIn(job?.name ?? ''));
  });
  return (
    <>
      <FailureNotice failure={rewrap.failure ?? rotate.failure} />
      <Loading loaded={status}>
        {(keys) => (
          <>
            <p>
              This gateway was started with the master key <code>{keys.masterKeyId}</code>
              {keys.previousMasterKeyId !== '' && (
                <>
                  {' '}
                  and, as the one of before, <code>{keys.previousMasterKeyId}</code>
                </>
              )}
              .
            </p>
            <DataKeyTable keys={keys.dataKeys} />
            <div class="actions">
              {isSealedByAnother(keys) && (
                <ConfirmButton
                  {...keyChanges.rewrap}
                  kind="main"
                  isDisabled={rewrap.isRunning}
                  onConfirm={rewrap.run}
                />
              )}
              <ConfirmButton
                {...keyChanges.rotate}
                kind="main"
                isDisabled={rotate.isRunning}
                onConfirm={rotate.run}
              />
              <button type="button" class="button" disabled={status.isLoading} onClick={status.reload}>
                Count again
              </button>
            </div>
          </>
        )}
      </Loading>
    </>
  );
}

/** What administrators can change, and what each asks before. */
const keyChanges = {
  rewrap: {
    label: 'Seal by this master key',
    question: 'Seal all data keys by this gateway’s master key?',
    confirm: 'Seal them',
    children: (
      <p>
        No face is touched, so it is done at once. From then on a gateway that has the master key of before
        alone cannot start.
      </p>
    ),
  },
  rotate: {
    label: 'New data key',
    question: 'Seal every face by a new data key?',
    confirm: 'Make a new key',
    children: (
      <p>
        A job opens every crop and template and seals it by the new key, and destroys the old keys at its end.
        Calls go on meanwhile.
      </p>
    ),
  },
} as const;

function isSealedByAnother({ dataKeys, masterKeyId }: GetEncryptionStatusResponse): boolean {
  return dataKeys.some((key) => key.masterKeyId !== masterKeyId);
}
