#!/usr/bin/env node
/**
 * `npm run cruise`: dependency-cruiser with an asserted module count. Without the count a broken TypeScript
 * integration reports "no violations" over zero modules.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = join(root, 'node_modules', 'dependency-cruiser', 'bin', 'dependency-cruise.mjs');
const where = process.argv[2] ?? 'src';

const done = spawnSync(
  process.execPath,
  [bin, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', where],
  { cwd: root, encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 },
);
if (done.error || !done.stdout) {
  process.stderr.write(`${done.stderr}\n`);
  process.exit(2);
}
const { summary } = JSON.parse(done.stdout);
for (const violation of summary.violations) {
  process.stdout.write(`${violation.rule.name}: ${violation.from} → ${violation.to}\n`);
}
const expected = sources();
process.stdout.write(
  `${summary.violations.length} violations, ${summary.totalCruised} modules, ${summary.totalDependenciesCruised} dependencies\n`,
);
if (summary.totalCruised < expected) {
  process.stdout.write(`expected at least ${expected} modules: the cruise did not see the source\n`);
  process.exit(1);
}
process.exit(summary.violations.length > 0 ? 1 : 0);

/** How many TypeScript files there are to see. */
function sources() {
  return readdirSync(join(root, where), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.includes(join('web', 'page')),
  ).length;
}
