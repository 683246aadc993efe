import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { OPS_ERROR_CODES } from '../../src/domain/errors.ts';

const root = resolve(import.meta.dirname, '../..');
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Cruises a tree of its own made of `files`, with the rules of the house. */
function cruise(files: Readonly<Record<string, string>>): readonly string[] {
  const folder = mkdtempSync(join(tmpdir(), 'cruise-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ 'tsconfig.json': '{"compilerOptions":{}}', ...files })) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  const bin = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const done = spawnSync(
    process.execPath,
    [bin, '--config', join(root, '.dependency-cruiser.cjs'), '--output-type', 'json', 'src'],
    { cwd: folder, encoding: 'utf8' },
  );
  const { summary } = JSON.parse(done.stdout) as { summary: { violations: { rule: { name: string } }[] } };
  return summary.violations.map((violation) => violation.rule.name);
}

const reached = "import './monitor/a.ts';\nimport './healing/b.ts';\n";

describe('the architecture rules', () => {
  it('find a type-only import from one room into another', () => {
    const rules = cruise({
      'src/main.ts': reached,
      'src/monitor/a.ts': "import type { B } from '../healing/b.ts';\nexport type A = B;\n",
      'src/healing/b.ts': 'export interface B {}\n',
    });

    expect(rules).toContain('rooms-are-strangers');
  });

  it('find a file that nothing reaches, and a domain that reaches out', () => {
    const rules = cruise({
      'src/main.ts': "import './domain/a.ts';\n",
      'src/domain/a.ts': "import { readFileSync } from 'node:fs';\nexport const a = readFileSync;\n",
      'src/platform/lost.ts': "import '../domain/a.ts';\n",
    });

    expect(rules).toContain('domain-is-pure');
    expect(rules).toContain('everything-is-reached');
  });

  it('find a child process started outside its doors', () => {
    const rules = cruise({
      'src/main.ts': "import './healing/actions/a.ts';\n",
      'src/healing/actions/a.ts': "import { spawn } from 'node:child_process';\nexport const a = spawn;\n",
    });

    expect(rules).toContain('child-process-has-two-doors');
  });

  it('say nothing about a clean tree', () => {
    const rules = cruise({
      'src/main.ts': reached,
      'src/monitor/a.ts': 'export const a = 1;\n',
      'src/healing/b.ts': 'export const b = 1;\n',
    });

    expect(rules).toEqual([]);
  });
});

describe('docs/errors.md', () => {
  it('explains every error code, and no other', () => {
    const text = readFileSync(join(root, 'docs/errors.md'), 'utf8');
    const documented = [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map((match) => match[1]);

    expect(documented).toEqual([...OPS_ERROR_CODES]);
  });
});
