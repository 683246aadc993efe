import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readFlag, setFlag } from '../../../../src/healing/targets/flags.ts';
import { temporaryFolder } from '../../../support/temp-folder.ts';

function fileOf(text: string): string {
  const file = join(temporaryFolder(), 'flags.json');
  writeFileSync(file, text);
  chmodSync(file, 0o640);
  return file;
}
const flagOf = (file: string, key: readonly string[] = ['model', 'small']) => ({
  file,
  key,
  on: true,
  off: false,
});

describe('setFlag', () => {
  it('changes its key alone and keeps the mode of the file', async () => {
    const file = fileOf('{"model": {"name": "big", "small": false}, "port": 80}');
    expect(await setFlag(flagOf(file), true)).toEqual({ kind: 'succeeded', note: 'was false' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ model: { name: 'big', small: true }, port: 80 });
    expect(statSync(file).mode & 0o777).toBe(0o640);
    expect(await setFlag(flagOf(file), true)).toMatchObject({ note: 'it was set already' });
    expect(await readFlag(flagOf(file))).toEqual({ kind: 'value', value: true });
  });

  it('makes what is missing on the way, and never goes through what is no object', async () => {
    const file = fileOf('{}');
    expect(await setFlag(flagOf(file), true)).toMatchObject({ kind: 'succeeded' });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ model: { small: true } });
    const other = fileOf('{"model": "big"}');
    expect(await setFlag(flagOf(other), true)).toMatchObject({ kind: 'failed' });
    expect(readFileSync(other, 'utf8')).toBe('{"model": "big"}');
  });

  it.each(['[]', 'null', '{'])('leaves a file with %s alone', async (text) => {
    const file = fileOf(text);
    expect(await setFlag(flagOf(file), true)).toMatchObject({ kind: 'failed' });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(await readFlag(flagOf(file))).toMatchObject({ kind: 'fault' });
  });

  it('says that the file is missing', async () => {
    expect(await readFlag(flagOf('/nowhere/flags.json'))).toMatchObject({ kind: 'fault' });
  });
});
