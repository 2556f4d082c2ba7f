/** Reads cron expressions. */
export interface DueTimes {
  /**
   * The first due time after `after`; undefined where none ever comes.
   * @param timeZone a name of the IANA database
   * @throws Failure INVALID_ARGUMENT naming `cron` or `time_zone`
   */
  next(cron: string, timeZone: string, after: Date): Date | undefined;
}
