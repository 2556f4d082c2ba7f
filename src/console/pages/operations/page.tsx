import type { JSX } from 'preact';
import { FailureNotice } from '../../components/failure-notice.js';
import { PageFrame } from '../../components/page-frame.js';
import { useServiceStatus } from '../../api/use-service-status.js';
import { ApiKeysSection } from './api-keys-section.js';
import { AuditSection } from './audit-section.js';
import { CallsSection } from './calls-section.js';
import { EncryptionSection } from './encryption-section.js';
import { HealthSection } from './health-section.js';
import { ReplicasSection } from './replicas-section.js';

/** How the service does now, who did what, and who may call. */
export function OperationsPage(): JSX.Element {
  const { value, failure, reload } = useServiceStatus();
  return (
    <PageFrame
      title="Operations"
      lead="What is counted is of the gateway that answers this page, since its start, and asked for every two seconds."
    >
      <FailureNotice failure={failure} onRetry={reload} />
      {value === undefined ? (
        failure === undefined && <p role="status">Loading …</p>
      ) : (
        <>
          <HealthSection status={value} />
          <ReplicasSection replicas={value.replicas} />
          <CallsSection status={value} />
        </>
      )}
      <ApiKeysSection />
      <EncryptionSection />
      <AuditSection />
    </PageFrame>
  );
}
