/** Any reason for which a tfjs function cannot be compiled. */
export class CompileError extends Error {
  override readonly name: string = 'CompileError';
}

/** The function calls a tfjs kernel for which the compiler has no rule. */
export class UnsupportedKernelError extends CompileError {
  override readonly name = 'UnsupportedKernelError';

  constructor(readonly kernelName: string) {
    super(`the tfjs kernel ${kernelName} has no compilation rule`);
  }
}

/** The rule of a tfjs kernel does not cover an attribute, input or element type it was called with. */
export class UnsupportedAttributeError extends CompileError {
  override readonly name = 'UnsupportedAttributeError';

  constructor(
    readonly kernelName: string,
    readonly attribute: string,
    readonly value: unknown,
  ) {
    super(`the tfjs kernel ${kernelName} is not supported with ${attribute} = ${JSON.stringify(value)}`);
  }
}

/** The function reads the elements of a traced tensor (`dataSync` and the like), which exist only at run time. */
export class TracedValueReadError extends CompileError {
  override readonly name = 'TracedValueReadError';

  constructor() {
    super('the function reads the elements of a traced tensor, which have no value while it is compiled');
  }
}

/** The function depends on the batch size in a way that one graph for all batch sizes cannot express. */
export class BatchDependenceError extends CompileError {
  override readonly name = 'BatchDependenceError';

  constructor(what: string) {
    super(`a dynamic batch is not possible: ${what}`);
  }
}
