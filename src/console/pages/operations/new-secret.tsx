import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface NewSecretProps {
  readonly secret: string;
  readonly onDone: () => void;
}

/** The secret of a new key: shown once, since the service keeps its hash alone. */
export function NewSecret({ secret, onDone }: NewSecretProps): JSX.Element {
  const [isCopied, setCopied] = useState(false);
  return (
    <div class="notice notice-good" role="status">
      <p>Keep this secret now: it is shown once.</p>
      <pre tabIndex={0}>{secret}</pre>
      <div class="row">
        <button
          type="button"
          class="button"
          onClick={() => {
            void navigator.clipboard.writeText(secret).then(() => {
              setCopied(true);
            });
          }}
        >
          {isCopied ? 'Copied' : 'Copy'}
        </button>
        <button type="button" class="button" onClick={onDone}>
          I have kept it
        </button>
      </div>
    </div>
  );
}
