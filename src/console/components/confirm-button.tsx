import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef } from 'preact/hooks';

interface ConfirmButtonProps {
  /** What the button does, in a word or two; "…" after it says that it asks first. */
  readonly label: string;
  /** What of several it is for, told to those who do not see what it stands beside: "the key of gate 3". */
  readonly of?: string;
  /** The question, as a heading: "Cancel this training?" */
  readonly question: string;
  /** What will happen, and what cannot be undone. */
  readonly children: ComponentChildren;
  /** What the button in the dialog says that does it; as the first button where undefined. */
  readonly confirm?: string;
  /** What leaves everything as it is. */
  readonly keep?: string;
  readonly kind?: 'main' | 'danger';
  readonly isDisabled?: boolean;
  readonly onConfirm: () => void;
}

/** A button for what cannot be undone: it asks first. Escape and the second button leave everything as it is. */
export function ConfirmButton(props: ConfirmButtonProps): JSX.Element {
  const { label, of, question, children, confirm = label, keep = 'Leave it', kind = 'danger' } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const close = (): void => dialog.current?.close();
  return (
    <>
      <button
        type="button"
        class={`button button-${kind}`}
        aria-haspopup="dialog"
        disabled={props.isDisabled === true}
        onClick={() => dialog.current?.showModal()}
      >
        {label} …{of !== undefined && <span class="for-screen-readers"> ({of})</span>}
      </button>
      <dialog ref={dialog} class="confirm" aria-labelledby={id}>
        <h2 id={id}>{question}</h2>
        {children}
        <div class="actions">
          <button type="button" class="button" onClick={close}>
            {keep}
          </button>
          <button
            type="button"
            class={`button button-${kind}`}
            onClick={() => {
              close();
              props.onConfirm();
            }}
          >
            {confirm}
          </button>
        </div>
      </dialog>
    </>
  );
}
