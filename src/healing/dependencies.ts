/**
 * Who depends on whom. Pure; the graph is built once for a configuration.
 *
 * Cycles are refused when the configuration is checked; the walks here end anyway.
 */

/** A target as the graph needs it. */
export interface Dependent {
  readonly name: string;
  readonly dependsOn: readonly string[];
}

export interface DependencyGraph {
  /** Everything `name` needs, near and far, without itself. */
  needsOf(name: string): ReadonlySet<string>;
  /** Everything that needs `name`, near and far, without itself. */
  dependantsOf(name: string): readonly string[];
}

export type Wellness = 'well' | 'sick' | 'unknown';

export function createGraph(targets: readonly Dependent[]): DependencyGraph {
  const direct = new Map(targets.map((target) => [target.name, target.dependsOn]));
  const needs = new Map(targets.map((target) => [target.name, reach(target.name, direct)]));
  const empty: ReadonlySet<string> = new Set();
  return {
    needsOf: (name) => needs.get(name) ?? empty,
    dependantsOf: (name) =>
      targets.filter((target) => needs.get(target.name)?.has(name)).map((target) => target.name),
  };
}

/**
 * The dependency to heal instead of `target`: the one that is not well and needs none that is not well itself.
 * Sick goes before unknown; `null` when all that it needs is well.
 */
export function sickRootOf(
  target: string,
  graph: DependencyGraph,
  wellness: (name: string) => Wellness,
): { readonly name: string; readonly wellness: 'sick' | 'unknown' } | null {
  const troubled = [...graph.needsOf(target)].filter((name) => wellness(name) !== 'well');
  const roots = troubled.filter((name) => !troubled.some((other) => graph.needsOf(name).has(other)));
  const sick = roots.find((name) => wellness(name) === 'sick');
  if (sick !== undefined) return { name: sick, wellness: 'sick' };
  const unknown = roots[0] ?? troubled[0];
  return unknown === undefined ? null : { name: unknown, wellness: 'unknown' };
}

/** Every cycle once, as the names along it; for the configuration check. */
export function cyclesIn(targets: readonly Dependent[]): readonly (readonly string[])[] {
  // A name that is used twice is another fault; here it needs what both need, so that no circle is hidden.
  const direct = new Map<string, readonly string[]>();
  for (const { name, dependsOn } of targets) direct.set(name, [...(direct.get(name) ?? []), ...dependsOn]);
  const seen = new Set<string>();
  const cycles: (readonly string[])[] = [];
  const walk = (name: string, path: readonly string[]): void => {
    const at = path.indexOf(name);
    if (at !== -1) {
      cycles.push([...path.slice(at), name]);
      return;
    }
    if (seen.has(name)) return;
    for (const next of direct.get(name) ?? []) walk(next, [...path, name]);
    seen.add(name);
  };
  for (const target of targets) walk(target.name, []);
  return cycles;
}

function reach(start: string, direct: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const found = new Set<string>();
  const waiting = [...(direct.get(start) ?? [])];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name === start || found.has(name)) continue;
    found.add(name);
    waiting.push(...(direct.get(name) ?? []));
  }
  return found;
}
