import { useEffect, useState } from 'preact/hooks';

/** What was typed is taken once nothing was typed for so long. */
const pauseMs = 350;

/** A value once it has stayed the same for a moment, so that no call is made at every key. */
export function useSettled<Value>(value: Value): Value {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => {
      setSettled((before) => (JSON.stringify(before) === text ? before : value));
    }, pauseMs);
    return () => {
      clearTimeout(timer);
    };
    // The text stands for the value, which is another object each time.
  }, [text]);
  return settled;
}
