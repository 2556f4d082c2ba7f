/**
 * The columns of class weights, and of their momentum, that a step is computed on (Partial FC, An et al., arXiv 2203.15565): descent
 * changes these alone. Both are rows of all classes, [D, C], in memory.
 */
export class SampledHead {
  /** [D, S] those of the classes that were taken last */
  readonly weights: Float32Array;
  readonly velocities: Float32Array;
  /** [S] which those are, ascending */
  classes: Int32Array;

  /** @param all [D, C] weights and momentum of all classes @param sampled S */
  constructor(
    private readonly all: { readonly weights: Float32Array; readonly velocities: Float32Array },
    private readonly dimension: number,
    private readonly sampled: number,
  ) {
    this.weights = new Float32Array(dimension * sampled);
    this.velocities = new Float32Array(dimension * sampled);
    this.classes = new Int32Array(sampled);
  }

  /** Takes the columns of classes, [S], unless they are those that it has. */
  take(classes: Int32Array): void {
    if (this.classes === classes) return;
    if (classes.length !== this.sampled)
      throw new RangeError(`a step is computed on ${this.sampled} classes, not ${classes.length}`);
    this.classes = classes;
    this.copy(classes, (all, own, place, column) => {
      own[place] = all[column] ?? 0;
    });
  }

  /** Puts the columns back once a step has changed them. */
  putBack(): void {
    this.copy(this.classes, (all, own, place, column) => {
      all[column] = own[place] ?? 0;
    });
  }

  /** Calls for each number of each row: its place among the columns that are taken, and in the head. */
  private copy(
    classes: Int32Array,
    each: (all: Float32Array, own: Float32Array, place: number, column: number) => void,
  ): void {
    const classCount = this.all.weights.length / this.dimension;
    for (let row = 0; row < this.dimension; row++) {
      for (let index = 0; index < classes.length; index++) {
        const [place, column] = [row * this.sampled + index, row * classCount + (classes[index] ?? 0)];
        each(this.all.weights, this.weights, place, column);
        each(this.all.velocities, this.velocities, place, column);
      }
    }
  }
}
