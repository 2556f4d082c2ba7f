import { useEffect, useState } from 'preact/hooks';

/** An address for bytes to be shown by, as long as the component is there; undefined at first and where there are none. */
export function useObjectUrl(bytes: Uint8Array | undefined, type: string): string | undefined {
  const [url, setUrl] = useState<string | undefined>(undefined);
  useEffect(() => {
    if (bytes === undefined || bytes.length === 0) {
      setUrl(undefined);
      return undefined;
    }
    const made = URL.createObjectURL(new Blob([bytes.slice()], { type }));
    setUrl(made);
    return () => {
      URL.revokeObjectURL(made);
    };
  }, [bytes, type]);
  return url;
}
