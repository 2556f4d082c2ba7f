import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Camera } from './camera.js';

interface ImageInputProps {
  /** What the photograph is, such as "First photograph". */
  readonly label: string;
  /** Files that were dropped, chosen, pasted or taken; at least one. */
  readonly onFiles: (files: readonly File[]) => void;
  /** Whether what is pasted anywhere on the page is for this one. */
  readonly takesPaste?: boolean;
  readonly isMultiple?: boolean;
  /** Given where there is something to take away. */
  readonly onRemove?: (() => void) | undefined;
  /** What was chosen; nothing at first. */
  readonly children?: ComponentChildren;
}

/** Takes photographs: dropped on it, chosen, pasted, or from the camera. */
export function ImageInput(props: ImageInputProps): JSX.Element {
  const { label, onFiles, takesPaste = false, isMultiple = false, onRemove, children } = props;
  const [isOver, setOver] = useState(false);
  const [isCameraOpen, setCameraOpen] = useState(false);
  usePastedFiles(takesPaste ? onFiles : undefined);
  const take = (list: FileList | null | undefined): void => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(isMultiple ? files : files.slice(0, 2));
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer?.files);
  };
  return (
    <div
      class="image-input"
      role="group"
      aria-label={label}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => {
        setOver(false);
      }}
      onDrop={drop}
    >
      {isCameraOpen ? (
        <Camera
          onShot={(file) => {
            setCameraOpen(false);
            onFiles([file]);
          }}
          onClose={() => {
            setCameraOpen(false);
          }}
        />
      ) : (
        (children ?? <Hint isMultiple={isMultiple} takesPaste={takesPaste} />)
      )}
      <div class="row">
        <label class="button file-button">
          {isMultiple ? 'Choose files' : 'Choose a file'}
          <span class="for-screen-readers"> ({label})</span>
          <input
            type="file"
            class="for-screen-readers"
            accept="image/*"
            multiple={isMultiple}
            onChange={(event) => {
              take(event.currentTarget.files);
              // The same file may be chosen again.
              event.currentTarget.value = '';
            }}
          />
        </label>
        {!isCameraOpen && (
          <button
            type="button"
            class="button"
            aria-label={`Camera (${label})`}
            onClick={() => {
              setCameraOpen(true);
            }}
          >
            Camera
          </button>
        )}
        {onRemove !== undefined && (
          <button type="button" class="button" aria-label={`Remove (${label})`} onClick={onRemove}>
            Remove
          </button>
        )}
      </div>
    </div>
  );
}

function Hint({
  isMultiple,
  takesPaste,
}: Pick<Required<ImageInputProps>, 'isMultiple' | 'takesPaste'>): JSX.Element {
  return (
    <p class="image-input-hint muted">
      Drop {isMultiple ? 'photographs' : 'a photograph'} here{takesPaste ? ', paste one,' : ''} or choose
      below
    </p>
  );
}

function usePastedFiles(onFiles: ((files: readonly File[]) => void) | undefined): void {
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    const paste = ({ clipboardData }: ClipboardEvent): void => {
      const files = [...(clipboardData?.files ?? [])];
      if (files.length > 0) latest.current?.(files);
    };
    document.addEventListener('paste', paste);
    return () => {
      document.removeEventListener('paste', paste);
    };
  }, []);
}
