/** Samples of one series, a minute or `stepMinutes` apart, in the notation of `promtool test rules`: "0+60x30" is 0, 60, … 1800. */
export type Series = Readonly<Record<string, string>>;

/** A state of the service that an alert is for. */
export interface AlertState {
  readonly alert: string;
  readonly series: Series;
  /** When it has not lasted long enough, in minutes. */
  readonly silentAt?: number;
  /** When the alert must be there, in minutes. */
  readonly firesAt: number;
  readonly stepMinutes?: number;
  /** Of the alert, beside its severity. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary: string;
}

const minutes = 2_000;
const ofA = 'instance="a"';
const verify = `${ofA}, method="/s/Verify"`;
const model = `${ofA}, model_version="b"`;
const replica = (id: string, role: string, version: string, backbone: string): string =>
  `symface_replica_info{${ofA}, replica="${id}", role="${role}", version="${version}", backbone="${backbone}", detector="d"}`;

/** A service that is well, for {@link minutes}: no alert. Refused photographs and a lost worker of yesterday are no trouble. */
export const serviceThatIsWell: Series = Object.fromEntries(
  Object.entries({
    [`up{job="symface", ${ofA}}`]: '1',
    'up{job="symface-worker", instance="w"}': '1',
    [`symface_grpc_calls_total{${verify}, code="OK"}`]: '0+60',
    [`symface_grpc_calls_total{${verify}, code="INTERNAL"}`]: '2',
    [`symface_grpc_calls_total{${verify}, code="INVALID_ARGUMENT"}`]: '0+5',
    [`symface_call_failures_total{${verify}, reason="FACE_NOT_FOUND"}`]: '0+5',
    [`symface_call_failures_total{${verify}, reason="UNAUTHENTICATED"}`]: '0+6',
    [`symface_grpc_call_duration_seconds_bucket{${verify}, le="1"}`]: '0+60',
    [`symface_grpc_call_duration_seconds_bucket{${verify}, le="+Inf"}`]: '0+60',
    [`symface_calls_shed_total{${ofA}}`]: '3',
    [`symface_oldest_queued_image_age_seconds{${ofA}}`]: '0.2',
    [`symface_workers_lost_total{${ofA}}`]: '1',
    [`symface_inference_workers{job="symface", ${ofA}}`]: '2',
    // Of a process that works on jobs that need none.
    'symface_inference_workers{job="symface-worker", instance="w"}': '0',
    [replica('1', 'gateway', '1', 'b')]: '1',
    [replica('2', 'worker', '1', '')]: '1',
    [`symface_damaged_templates_total{${ofA}}`]: '2',
    [`symface_verifications_total{${model}, decision="match"}`]: '0+30',
    [`symface_verifications_total{${model}, decision="non_match"}`]: '0+30',
    [`symface_verification_similarity_sum{${model}}`]: '0+24',
    [`symface_verification_similarity_count{${model}}`]: '0+60',
    [`symface_database_up{${ofA}}`]: '1',
    [`symface_database_latency_seconds{${ofA}}`]: '0.002',
    [`symface_data_disk_free_bytes{${ofA}}`]: '50',
    [`symface_data_disk_size_bytes{${ofA}}`]: '100',
    [`symface_gallery_memory_share{${ofA}}`]: '0.5',
    [`symface_last_backup_timestamp_seconds{${ofA}}`]: '60000',
    [`symface_tls_certificate_expiry_timestamp_seconds{${ofA}}`]: '9000000',
    [`symface_oldest_due_job_age_seconds{${ofA}}`]: '40',
    [`symface_jobs{${ofA}, kind="training", state="failed"}`]: '3',
    [`nodejs_eventloop_lag_p99_seconds{job="symface", ${ofA}}`]: '0.02',
  }).map(([series, value]) => [series, `${value}x${minutes}`]),
);
export const wellAtMinutes = minutes - 10;

/** What each alert is for. The clock of these tests begins in 1970. */
export const alertStates: readonly AlertState[] = [
  {
    alert: 'SymfaceDown',
    series: { [`up{job="symface", ${ofA}}`]: '1 1 0 0 0', 'up{job="symface", instance="b"}': '1x5' },
    silentAt: 2,
    firesAt: 4,
    labels: { job: 'symface', instance: 'a' },
    summary: 'a does not answer scrapes',
  },
  {
    alert: 'SymfaceDown',
    series: { 'up{job="symface-worker", instance="w"}': '1x5' },
    firesAt: 2,
    labels: { job: 'symface' },
    summary: 'No gateway at all does not answer scrapes',
  },
  {
    alert: 'SymfaceWorkerDown',
    series: { 'up{job="symface-worker", instance="w"}': '1 0x20' },
    silentAt: 5,
    firesAt: 7,
    labels: { job: 'symface-worker', instance: 'w' },
    summary: 'The job worker w does not answer scrapes',
  },
  {
    alert: 'SymfaceErrorRatio',
    series: {
      [`symface_grpc_calls_total{${verify}, code="OK"}`]: '0+95x30',
      [`symface_grpc_calls_total{${verify}, code="UNAVAILABLE"}`]: '0+5x30',
    },
    silentAt: 4,
    firesAt: 20,
    summary: '5% of the calls fail by the service’s own fault',
  },
  {
    alert: 'SymfaceDefect',
    series: { [`symface_grpc_calls_total{${verify}, code="INTERNAL"}`]: '0x5 1x30' },
    silentAt: 4,
    firesAt: 8,
    labels: { method: '/s/Verify' },
    summary: '/s/Verify answered INTERNAL',
  },
  {
    alert: 'SymfaceLatencyHigh',
    series: {
      'symface_grpc_call_duration_seconds_bucket{method="/s/Identify", le="2"}': '0+50x30',
      'symface_grpc_call_duration_seconds_bucket{method="/s/Identify", le="5"}': '0+100x30',
      'symface_grpc_call_duration_seconds_bucket{method="/s/Identify", le="+Inf"}': '0+100x30',
    },
    silentAt: 9,
    firesAt: 20,
    summary: 'One call of a hundred takes more than 4.94s',
  },
  {
    alert: 'SymfaceQueueShed',
    series: { [`symface_calls_shed_total{${ofA}}`]: '0+10x30' },
    silentAt: 4,
    firesAt: 10,
    labels: { instance: 'a' },
    summary: 'a refuses calls since its queue is full',
  },
  {
    alert: 'SymfaceQueueOld',
    series: { [`symface_oldest_queued_image_age_seconds{${ofA}}`]: '0 12x10' },
    silentAt: 2,
    firesAt: 4,
    labels: { instance: 'a' },
    summary: 'An image waits for 12s on a',
  },
  {
    alert: 'SymfacePhotographsRefused',
    series: {
      [`symface_call_failures_total{${verify}, reason="FACE_TOO_DARK"}`]: '0+5x90',
      [`symface_grpc_calls_total{${verify}, code="INVALID_ARGUMENT"}`]: '0+5x90',
      [`symface_grpc_calls_total{${verify}, code="OK"}`]: '0+5x90',
    },
    silentAt: 29,
    firesAt: 80,
    summary: '50% of the calls are refused for their photographs',
  },
  {
    alert: 'SymfaceWrongKeys',
    series: { [`symface_call_failures_total{${verify}, reason="UNAUTHENTICATED"}`]: '0+120x30' },
    silentAt: 9,
    firesAt: 20,
    summary: '2 calls a second have no valid API key',
  },
  {
    alert: 'SymfaceWorkersLost',
    series: { [`symface_workers_lost_total{${ofA}}`]: '0x5 1x30' },
    silentAt: 4,
    firesAt: 8,
    labels: { instance: 'a' },
    summary: 'An inference worker of a ended unexpectedly',
  },
  {
    alert: 'SymfaceNoWorkers',
    series: { [`symface_inference_workers{job="symface", ${ofA}}`]: '2 0x10' },
    silentAt: 1,
    firesAt: 3,
    labels: { job: 'symface', instance: 'a' },
    summary: 'a has no inference worker',
  },
  {
    alert: 'SymfaceReplicasDiffer',
    series: { [replica('1', 'gateway', '1', 'b')]: '1x20', [replica('2', 'gateway', '1', 'c')]: '1x20' },
    silentAt: 4,
    firesAt: 6,
    summary: 'Gateways serve different models',
  },
  {
    alert: 'SymfaceVersionsDiffer',
    series: { [replica('1', 'gateway', '1', 'b')]: '1x90', [replica('2', 'worker', '2', '')]: '1x90' },
    silentAt: 59,
    firesAt: 61,
    summary: 'Processes of different versions of SymFace have run for an hour',
  },
  {
    alert: 'SymfaceDamagedTemplates',
    series: { [`symface_damaged_templates_total{${ofA}}`]: '0x5 1x30' },
    silentAt: 4,
    firesAt: 8,
    summary: 'Templates cannot be opened',
  },
  {
    alert: 'SymfaceMatchRateDrift',
    // A week and six hours in which half of the pairs match; then four of five do.
    series: {
      [`symface_verifications_total{${model}, decision="match"}`]: '0+10x1050 10510+16x60',
      [`symface_verifications_total{${model}, decision="non_match"}`]: '0+10x1050 10504+4x60',
    },
    stepMinutes: 10,
    silentAt: 10_490,
    firesAt: 10_900,
    labels: { model_version: 'b' },
    summary: 'b matches 29.9% more, or fewer, of the pairs than last week',
  },
  {
    alert: 'SymfaceSimilarityDrift',
    series: {
      [`symface_verification_similarity_sum{${model}}`]: '0+8x1050 8402+2x60',
      [`symface_verification_similarity_count{${model}}`]: '0+20x1050 21020+20x60',
    },
    stepMinutes: 10,
    silentAt: 10_490,
    firesAt: 10_900,
    labels: { model_version: 'b' },
    summary: 'The mean similarity of b is 0.30 from last week’s',
  },
  {
    alert: 'SymfaceDatabaseDown',
    series: { [`symface_database_up{${ofA}}`]: '1 0x10' },
    silentAt: 1,
    firesAt: 3,
    labels: { instance: 'a' },
    summary: 'a gets no answer from its database, or it takes no changes',
  },
  {
    alert: 'SymfaceDatabaseSlow',
    series: { [`symface_database_latency_seconds{${ofA}}`]: '0.75x20' },
    silentAt: 9,
    firesAt: 11,
    labels: { instance: 'a' },
    summary: 'The database takes 750ms for nothing',
  },
  {
    alert: 'SymfaceDiskFull',
    series: {
      [`symface_data_disk_free_bytes{${ofA}}`]: '5x20',
      [`symface_data_disk_size_bytes{${ofA}}`]: '100x20',
    },
    silentAt: 9,
    firesAt: 11,
    labels: { instance: 'a' },
    summary: '5% of the disk with the data folder of a are free',
  },
  {
    alert: 'SymfaceGalleryNearlyFull',
    series: { [`symface_gallery_memory_share{${ofA}}`]: '0.9x30' },
    silentAt: 14,
    firesAt: 16,
    summary: 'A collection takes 90% of the memory for exact search',
  },
  {
    alert: 'SymfaceNoBackup',
    // None was ever made: 0. Two days after 1970 begins that is too long ago.
    series: { [`symface_last_backup_timestamp_seconds{${ofA}}`]: '0x300' },
    stepMinutes: 10,
    silentAt: 2_900,
    firesAt: 2_950,
    summary: 'The last backup is two days old, or there is none',
  },
  {
    alert: 'SymfaceCertificateExpires',
    series: { [`symface_tls_certificate_expiry_timestamp_seconds{${ofA}}`]: '1000000x90' },
    silentAt: 59,
    firesAt: 61,
    labels: { instance: 'a' },
    summary: 'The certificate of a expires in 11d 12h 45m 40s',
  },
  {
    alert: 'SymfaceJobStuck',
    series: { [`symface_oldest_due_job_age_seconds{${ofA}}`]: '2400x20' },
    silentAt: 9,
    firesAt: 11,
    summary: 'A job has waited for 40m 0s',
  },
  {
    alert: 'SymfaceJobFailed',
    series: { [`symface_jobs{${ofA}, kind="training", state="failed"}`]: '0x5 1x70' },
    silentAt: 4,
    firesAt: 10,
    labels: { kind: 'training' },
    summary: 'A job of the kind training has failed',
  },
  {
    alert: 'SymfaceEventLoopLag',
    series: { [`nodejs_eventloop_lag_p99_seconds{job="symface", ${ofA}}`]: '0.5x20' },
    silentAt: 9,
    firesAt: 11,
    labels: { job: 'symface', instance: 'a' },
    summary: 'a is 500ms late with everything',
  },
];
