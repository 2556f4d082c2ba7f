import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics';
import { emptyResource } from '@opentelemetry/resources';
import type { Registry } from 'prom-client';
import { packageVersion } from '../../package-version.js';

/** A value of a metric as prom-client gives it; of histograms one of their parts. */
interface Sample {
  readonly labels: Readonly<Partial<Record<string, string | number>>>;
  readonly value: number;
  readonly metricName?: string;
}

/** A histogram with the same labels. */
interface CollectedHistogram {
  readonly attributes: Record<string, string>;
  /** Upper bounds and how many values are up to them, without the infinite one. */
  readonly cumulative: { readonly bound: number; readonly count: number }[];
  sum: number;
  count: number;
}

type Describe = Pick<MetricData, 'descriptor' | 'aggregationTemporality'>;

/** Gives the metrics that Prometheus scrapes to OpenTelemetry, by the same names: nothing is measured twice. */
export class RegistryMetricProducer implements MetricProducer {
  private readonly startTime = hrTime(Date.now() - 1000 * process.uptime());

  constructor(private readonly registry: Registry) {}

  async collect(): Promise<CollectionResult> {
    const endTime = hrTime(Date.now());
    const metrics = (await this.registry.getMetricsAsJSON()).flatMap(({ name, help, type, values }) => {
      const described = {
        descriptor: { name, description: help, unit: '', valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
      };
      const data = this.dataOf(String(type), described, values, endTime);
      return data === undefined ? [] : [data];
    });
    const scope = { name: 'symface', version: packageVersion() };
    // The reader takes its own resource.
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] };
  }

  /** @returns undefined without values, and of summaries, which OpenTelemetry takes from nobody */
  private dataOf(
    type: string,
    described: Describe,
    samples: readonly Sample[],
    endTime: HrTime,
  ): MetricData | undefined {
    const point = <T>(attributes: Record<string, string>, value: T): DataPoint<T> => ({
      startTime: this.startTime,
      endTime,
      attributes,
      value,
    });
    const numbers = samples
      .filter(({ value }) => Number.isFinite(value))
      .map(({ labels, value }) => point(attributesOf(labels), value));
    if (samples.length === 0) return undefined;
    switch (type) {
      case 'counter':
        return { ...described, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: numbers };
      case 'gauge':
        return { ...described, dataPointType: DataPointType.GAUGE, dataPoints: numbers };
      case 'histogram': {
        const dataPoints = histogramsOf(samples).map(({ attributes, ...histogram }) =>
          point(attributes, histogramValue(histogram)),
        );
        return { ...described, dataPointType: DataPointType.HISTOGRAM, dataPoints };
      }
      default:
        return undefined;
    }
  }
}

function histogramsOf(samples: readonly Sample[]): readonly CollectedHistogram[] {
  const histograms = new Map<string, CollectedHistogram>();
  for (const { labels, value, metricName = '' } of samples) {
    const { le, ...others } = labels;
    const attributes = attributesOf(others);
    const key = JSON.stringify(Object.entries(attributes).sort());
    const histogram = histograms.get(key) ?? { attributes, cumulative: [], sum: 0, count: 0 };
    histograms.set(key, histogram);
    if (metricName.endsWith('_sum')) histogram.sum = value;
    else if (metricName.endsWith('_count')) histogram.count = value;
    else if (le !== '+Inf') histogram.cumulative.push({ bound: Number(le), count: value });
  }
  return [...histograms.values()];
}

/** Counts up to a bound as counts between bounds; the last is of what is above all. */
function histogramValue({ cumulative, sum, count }: Omit<CollectedHistogram, 'attributes'>) {
  const counts = cumulative.map((bucket, index) => bucket.count - (cumulative[index - 1]?.count ?? 0));
  const above = count - (cumulative.at(-1)?.count ?? 0);
  return {
    buckets: { boundaries: cumulative.map(({ bound }) => bound), counts: [...counts, above] },
    sum,
    count,
  };
}

function attributesOf(labels: Sample['labels']): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]));
}

/** Seconds and nanoseconds since 1970. */
function hrTime(epochMs: number): HrTime {
  const seconds = Math.floor(epochMs / 1000);
  return [seconds, Math.round((epochMs - 1000 * seconds) * 1e6)];
}
