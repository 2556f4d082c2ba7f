import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface CameraProps {
  readonly onShot: (file: File) => void;
  readonly onClose: () => void;
}

/** What the camera sees, and a button that takes it as a photograph. The camera is off when this is not shown. */
export function Camera({ onShot, onClose }: CameraProps): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  const [problem, setProblem] = useState('');
  const [isOn, setOn] = useState(false);
  useEffect(() => {
    let stream: MediaStream | undefined;
    let isShown = true;
    const open = async (): Promise<void> => {
      // Not there on an address that is neither https nor of this machine.
      const devices = (navigator as Partial<Navigator>).mediaDevices;
      if (devices === undefined) {
        setProblem('Browsers give a camera to pages at https or localhost only. Choose a file instead.');
        return;
      }
      stream = await devices.getUserMedia({ video: { facingMode: 'user', width: { ideal: 1280 } } });
      if (!isShown || video.current === null) {
        stop(stream);
        return;
      }
      video.current.srcObject = stream;
      await video.current.play();
      setOn(true);
    };
    open().catch((error: unknown) => {
      if (isShown) setProblem(problemOf(error));
    });
    return () => {
      isShown = false;
      if (stream !== undefined) stop(stream);
    };
  }, []);
  const shoot = async (): Promise<void> => {
    if (video.current !== null) onShot(await shotOf(video.current));
  };
  return (
    <div class="camera">
      {problem === '' ? (
        <video ref={video} muted playsInline aria-label="What the camera sees" />
      ) : (
        <p role="alert">{problem}</p>
      )}
      <div class="row">
        <button type="button" class="button button-main" disabled={!isOn} onClick={() => void shoot()}>
          Take the photograph
        </button>
        <button type="button" class="button" onClick={onClose}>
          Close the camera
        </button>
      </div>
    </div>
  );
}

function stop(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function shotOf(video: HTMLVideoElement): Promise<File> {
  const canvas = document.createElement('canvas');
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext('2d')?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => {
    canvas.toBlob(resolve, 'image/jpeg', 0.95);
  });
  return new File(blob === null ? [] : [blob], 'from the camera', { type: 'image/jpeg' });
}

function problemOf(error: unknown): string {
  const name = error instanceof DOMException ? error.name : '';
  if (name === 'NotAllowedError') {
    return 'This page may not use the camera. Allow it in the browser’s settings of this page, or choose a file.';
  }
  if (name === 'NotFoundError') return 'There is no camera. Choose a file instead.';
  if (name === 'NotReadableError') return 'Another program uses the camera. Close it, or choose a file.';
  return 'The camera does not answer. Choose a file instead.';
}
