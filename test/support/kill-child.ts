/** Runs a child of test/support/children and kills it with SIGKILL at a chosen moment after its first word. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface KilledChild {
  /** The complete lines it had printed. */
  readonly lines: readonly string[];
  readonly complaints: string;
}

export function killChild(
  script: string,
  argv: readonly string[],
  afterMilliseconds: number,
): Promise<KilledChild> {
  const path = fileURLToPath(new URL(`./children/${script}`, import.meta.url));
  const child = spawn(process.execPath, ['--import', 'tsx', path, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  child.stdout.on('data', (chunk: Buffer) => {
    if (printed === '') setTimeout(() => child.kill('SIGKILL'), afterMilliseconds);
    printed += chunk.toString();
  });
  return new Promise((resolve) => {
    child.on('close', () => resolve({ lines: printed.split('\n').slice(0, -1), complaints }));
  });
}
