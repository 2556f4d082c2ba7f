import { Presets, SingleBar } from 'cli-progress';

/** Draws how many images are finished, how fast and what is left, where someone watches. */
export class ImageProgress {
  private readonly bar: SingleBar | undefined;
  private readonly startedAtMs = performance.now();

  constructor(isInteractive: boolean, imageCount: number) {
    if (!isInteractive) return;
    this.bar = new SingleBar(
      {
        format: '{bar} {value}/{total} images  {speed}/s  {eta_formatted} left',
        hideCursor: true,
        // Images that were worked on together end together, so a few of them tell nothing of the speed.
        etaBuffer: 100,
      },
      Presets.shades_classic,
    );
    this.bar.start(imageCount, 0, { speed: '-' });
  }

  /** @param skipped of those that are finished, how many took no work: they tell nothing of the speed */
  update(finished: number, skipped = 0): void {
    const seconds = (performance.now() - this.startedAtMs) / 1000;
    this.bar?.update(finished, { speed: ((finished - skipped) / seconds).toFixed(1) });
  }

  /** Takes the bar off its line, so that something else can be printed; the next update draws it again. */
  clear(): void {
    if (this.bar !== undefined) process.stderr.write('\r\u001B[K');
  }

  stop(): void {
    this.bar?.stop();
  }
}
