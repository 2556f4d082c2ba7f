/** Those of PyTorch's GradScaler. */
const FIRST = 2 ** 16;
const GROWS_AFTER_STEPS = 2000;
/** A loss and its gradients are 32-bit floats, which reach 2^127. */
const LARGEST = 2 ** 24;

/**
 * What the loss is multiplied by before gradients are computed, so that those in 16-bit floats, which end at 6e-8, do not
 * vanish (Micikevicius et al., arXiv 1710.03740, §3.2): as large as gradients bear without an overflow, which is found out by
 * trying. A power of two, so that it rounds nothing.
 */
export class LossScale {
  private scale = FIRST;
  private stepsSince = 0;

  get value(): number {
    return this.scale;
  }

  /** Steps were finite; after many, a larger scale is tried. */
  bore(steps: number): void {
    this.stepsSince += steps;
    if (this.stepsSince < GROWS_AFTER_STEPS || this.scale >= LARGEST) return;
    this.scale *= 2;
    this.stepsSince = 0;
  }

  /** Gradients overflowed. @returns whether a smaller scale is worth a try */
  overflowed(): boolean {
    if (this.scale <= 1) return false;
    this.scale /= 2;
    this.stepsSince = 0;
    return true;
  }
}
