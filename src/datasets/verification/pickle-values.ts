/** A value that was read. */
export type PickleValue =
  | Uint8Array
  | string
  | number
  | boolean
  | null
  | PickleValue[]
  | PickleTuple
  | PickleName
  | NumpyArray
  | NumpyType;

export class PickleTuple {
  constructor(readonly items: readonly PickleValue[]) {}
}

/** A module's member that the pickle refers to; one of {@link allowedNames}. */
export class PickleName {
  constructor(readonly name: string) {}
}

/** `numpy.dtype(code)`. */
export class NumpyType {
  constructor(readonly code: string) {}
}

/** An array of bytes or truth values; `data` is undefined until its state was read. */
export class NumpyArray {
  data: Uint8Array | undefined;
  elementType = '';
}
