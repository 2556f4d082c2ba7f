import { useEffect } from 'preact/hooks';
import {
  type GetServiceStatusResponse,
  OperationsService,
} from '../generated/symface/v1/operations_service_pb.js';
import { useClient } from './session.js';
import { type Loaded, useLoaded } from './use-loaded.js';

const lookEveryMs = 2_000;

/** How the service does, asked again every two seconds while somebody can see it. For administrators. */
export function useServiceStatus(): Loaded<GetServiceStatusResponse> {
  const operations = useClient(OperationsService);
  const status = useLoaded(async (signal) => operations.getServiceStatus({}, { signal }), [operations]);
  const { reload, isLoading } = status;
  useEffect(() => {
    // A service that is slow to answer is not asked anew before it has.
    if (isLoading) return undefined;
    const look = setInterval(() => {
      if (document.visibilityState === 'visible') reload();
    }, lookEveryMs);
    return () => {
      clearInterval(look);
    };
  }, [reload, isLoading]);
  return status;
}
