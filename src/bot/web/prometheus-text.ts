/** The text format of Prometheus: families of samples, each with its help and type told once. */

export type Labels = Readonly<Record<string, string>>;

export interface Sampled {
  readonly labels: Labels;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly help: string;
  readonly samples: readonly Sampled[];
}

/** A family without samples is left out: what is unknown is not told. */
export function renderFamilies(families: readonly Family[]): string {
  return families
    .filter((family) => family.samples.length > 0)
    .map(renderFamily)
    .join('');
}

/** `null` leaves the family out. */
export function gauge(name: string, help: string, value: number | null, labels: Labels = {}): Family {
  return gauges(name, help, value === null ? [] : [{ labels, value }]);
}

export function gauges(name: string, help: string, samples: readonly Sampled[]): Family {
  return { name: `nightshift_${name}`, type: 'gauge', help, samples };
}

export function counter(name: string, help: string, samples: readonly Sampled[]): Family {
  return { name: `nightshift_${name}`, type: 'counter', help, samples };
}

export function counted(counts: ReadonlyMap<string, number>, label: string): readonly Sampled[] {
  return [...counts].map(([key, value]) => ({ labels: { [label]: key }, value }));
}

function renderFamily({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ labels, value }) => `${name}${renderLabels(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}

function renderLabels(labels: Labels): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
