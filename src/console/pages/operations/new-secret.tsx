import type { JSX } from 'preact';
import { CopyableCode } from '../../components/copyable-code.js';

interface NewSecretProps {
  readonly secret: string;
  readonly onDone: () => void;
}

/** The secret of a new key: shown once, since the service keeps its hash alone. */
export function NewSecret({ secret, onDone }: NewSecretProps): JSX.Element {
  return (
    <div class="notice notice-good" role="status">
      <p>Keep this secret now: it is shown once.</p>
      <CopyableCode label="Secret" code={secret} />
      <div class="row">
        <button type="button" class="button" onClick={onDone}>
          I have kept it
        </button>
      </div>
    </div>
  );
}
