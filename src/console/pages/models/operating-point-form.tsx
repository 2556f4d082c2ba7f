import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Field } from '../../components/field.js';
import { BenchmarkService, type OperatingPoint } from '../../generated/symface/v1/benchmark_service_pb.js';
import { falseMatchRateText } from '../../../core/protocols/figure-text.js';

interface OperatingPointFormProps {
  readonly point: OperatingPoint;
  readonly onChanged: () => void;
}

/** Chooses another false match rate among those that the backbone that serves has thresholds at. */
export function OperatingPointForm({ point, onChanged }: OperatingPointFormProps): JSX.Element | null {
  const benchmarks = useClient(BenchmarkService);
  const [rate, setRate] = useState(point.falseMatchRate);
  const change = useAction(async (signal) => {
    await benchmarks.setOperatingPoint({ falseMatchRate: rate }, { signal });
    onChanged();
  });
  const rates = point.supportedFalseMatchRates;
  if (rates.length === 0) return <p class="muted">Calibrate what serves to choose a rate.</p>;
  const chosen = rates.find((supported) => supported === rate) ?? rates[0];
  return (
    <>
      <div class="models-form">
        <Field label="Decide at">
          {(ids) => (
            <select
              {...ids}
              value={String(chosen)}
              onChange={(event) => {
                setRate(Number(event.currentTarget.value));
              }}
            >
              {rates.map((supported) => (
                <option key={supported} value={String(supported)}>
                  {falseMatchRateText(supported)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <ConfirmButton
          label="Put in force"
          question={`Decide at a false match rate of ${falseMatchRateText(rate)}?`}
          kind="main"
          isDisabled={change.isRunning || rate === point.falseMatchRate}
          onConfirm={change.run}
        >
          <p>
            Every call that states no threshold is decided by it from now on, on all replicas. A stricter rate lets
            fewer strangers match and rejects more persons.
          </p>
        </ConfirmButton>
      </div>
      <FailureNotice failure={change.failure} />
    </>
  );
}
