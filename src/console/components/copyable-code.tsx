import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

interface CopyableCodeProps {
  /** What the code is, such as "curl". */
  readonly label: string;
  readonly code: string;
}

/** Code to read, and a button that puts it on the clipboard. */
export function CopyableCode({ label, code }: CopyableCodeProps): JSX.Element {
  const [said, setSaid] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(code);
      setSaid('Copied');
    } catch {
      // People may have forbidden it, and a page without TLS that is not of this machine has no clipboard at all.
      setSaid('The browser does not let this page copy; select the text.');
    }
  };
  return (
    <div class="copyable">
      <div class="row">
        <strong>{label}</strong>
        <button type="button" class="button" onClick={() => void copy()} aria-label={`Copy ${label}`}>
          Copy
        </button>
        <span class="muted" role="status">
          {said}
        </span>
      </div>
      {/* It may scroll, so that those without a pointer have to reach it. */}
      <pre tabIndex={0} aria-label={label}>
        <code>{code}</code>
      </pre>
    </div>
  );
}
