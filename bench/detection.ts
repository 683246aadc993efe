/** `npm run bench -- detection`: the replay of the built product over labelled data, timed. */
import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';

export async function run(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { input: { type: 'string' } } });
  if (values.input === undefined) {
    console.error('--input: expected a CSV file');
    return 2;
  }
  const began = performance.now();
  const replay = ['dist/main.js', 'replay', '--input', values.input, '--output', '/dev/null'];
  const { status, stderr } = spawnSync(process.execPath, replay, { encoding: 'utf8' });
  console.log(`${stderr}${((performance.now() - began) / 1000).toFixed(2)} s`);
  return status ?? 1;
}
