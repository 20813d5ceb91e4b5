/** The figures as Prometheus scrapes them, under the names that Apache's provider gives them. */
import {
  collectDefaultMetrics,
  Counter,
  Gauge,
  Registry,
  Summary,
  type SummaryConfiguration,
} from "prom-client";
import type { Figure } from "./figures.js";

/** The text of a scrape, and its content type. */
export interface Scrape {
  readonly contentType: string;
  readonly text: string;
}

type SummaryFigure = Extract<Figure, { kind: "summary" }>;

export async function scrapeOf(figures: readonly Figure[]): Promise<Scrape> {
  const registry = new Registry();
  const registers = [registry];
  for (const figure of figures) {
    const { name, help } = figure;
    // Families come as one figure for each key, and are one metric.
    if (registry.getSingleMetric(name) !== undefined) continue;
    switch (figure.kind) {
      case "gauge":
        new Gauge({ name, help, registers }).set(figure.value);
        break;
      case "counter":
        new Counter({ name, help, registers }).inc(figure.value);
        break;
      case "summary":
        new MeasuredSummary({ name, help, registers }, familyOf(figure, figures));
    }
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

function familyOf(one: SummaryFigure, figures: readonly Figure[]): readonly SummaryFigure[] {
  if (one.key === undefined) return [one];
  return figures.filter(
    (figure): figure is SummaryFigure => figure.kind === "summary" && figure.name === one.name,
  );
}

/** A summary that shows what was measured elsewhere. */
class MeasuredSummary extends Summary<"key"> {
  readonly #figures: readonly SummaryFigure[];

  constructor(configuration: SummaryConfiguration<"key">, figures: readonly SummaryFigure[]) {
    super({ ...configuration, labelNames: ["key"] });
    this.#figures = figures;
  }

  override async get(): ReturnType<Summary<"key">["get"]> {
    return { ...(await super.get()), values: this.#figures.flatMap(valuesOf) };
  }
}

function valuesOf({ name, key, observations, percentiles }: SummaryFigure) {
  const labels = key === undefined ? {} : { key };
  const quantiles = percentiles === undefined ? [0.5] : [0.5, 0.9, 0.99];
  return [
    ...quantiles.map((quantile) => ({
      labels: { ...labels, quantile },
      value: observations.percentile(quantile * 100),
    })),
    { metricName: `${name}_count`, labels, value: observations.count },
    { metricName: `${name}_sum`, labels, value: observations.sum },
  ];
}

/** Figures of this process, such as its memory, under the library's names; the text at each call. */
export function processScrape(): () => Promise<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return () => registry.metrics();
}
