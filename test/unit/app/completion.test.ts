import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completionFor } from '../../../src/app/completion.ts';
import { ALIASES, COMMANDS } from '../../../src/bot/commands/table.ts';
import { temporaryFolder } from '../../support/temp-folder.ts';

const FISH = 'fish';
const PARSE: readonly (readonly [shell: string, flags: readonly string[]])[] = [
  ['bash', ['--norc', '-n']],
  ['zsh', ['-f', '-n']],
  ['fish', ['--no-config', '-n']],
];

function scriptFile(shell: string): string {
  const file = join(temporaryFolder(), `nightshift.${shell}`);
  writeFileSync(file, completionFor(shell) ?? '');
  return file;
}

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).error === undefined;
}

/** What bash offers at the end of a line. */
function inBash(...words: string[]): readonly string[] {
  const list = words.map((word) => `'${word}'`).join(' ');
  const code = `source "$1"; COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _nightshift; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', code, 'bash', scriptFile('bash')], {
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((word) => word !== '');
}

function inFish(line: string): readonly string[] {
  const code = `source ${scriptFile('fish')}; complete -C '${line}'`;
  const { stdout } = spawnSync(FISH, ['--no-config', '-c', code], { encoding: 'utf8' });
  return stdout
    .split('\n')
    .map((found) => found.split('\t')[0] ?? '')
    .filter((word) => word !== '');
}

describe('completionFor', () => {
  it.each(PARSE.filter(([shell]) => has(shell)))('gives a script that %s can read', (shell, flags) => {
    const { status, stderr } = spawnSync(shell, [...flags, scriptFile(shell)], { encoding: 'utf8' });

    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('knows every command of the table and every other name for one, in all shells', () => {
    for (const [shell] of PARSE) {
      const script = completionFor(shell) ?? '';
      const names = [...COMMANDS.map(({ words }) => words.join(' ')), ...Object.keys(ALIASES)];
      expect(
        names.filter((name) => !script.includes(`'${name}'`) && !script.includes(`\\'${name}\\'`)),
      ).toEqual([]);
    }
  });

  it('knows no other shell', () => {
    expect(completionFor('tcsh')).toBeNull();
    expect(completionFor('constructor')).toBeNull();
  });

  it('completes words, verbs, options and choices in bash', () => {
    expect(inBash('nightshift', 'doc')).toEqual(['doctor']);
    expect(inBash('nightshift', 'audit', 've')).toEqual(['verify']);
    expect(inBash('nightshift', 'freeze', '--re')).toEqual(['--reason']);
    expect(inBash('nightshift', 'init', '--mode', '')).toEqual(['dry-run', 'production']);
    expect(inBash('nightshift', 'init', '--mode', '=', 'p')).toEqual(['production']);
    expect(inBash('nightshift', 'demo', 'break', 'h')).toContain('hang');
    expect(inBash('nightshift', 'replay', '--input', 'x')).toEqual([]);
  });

  it.runIf(has(FISH))('completes words, verbs, options and choices in fish', () => {
    expect(inFish('nightshift doc')).toEqual(['doctor']);
    expect(inFish('nightshift audit ve')).toEqual(['verify']);
    expect(inFish('nightshift freeze --re')).toEqual(['--reason']);
    expect(inFish('nightshift init --mode p')).toEqual(['production']);
    expect(inFish('nightshift demo break ha')).toEqual(['hang']);
  });
});
